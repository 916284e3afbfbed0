import { CliHarness } from '../testing/CliHarness';

const cli = CliHarness.create();
beforeEach(cli.start);
afterEach(cli.stop);

const REPOSITORY = 'registry.example.com:5000/bases/alpine';
const digest = `sha256:${'a'.repeat(64)}`;
const entries = [
  {
    kind: 'build',
    at: '2026-11-02T10:00:00.000Z',
    tag: '3.21.3-core1.1.0',
    state: 'failed',
    digest: null,
    reasons: ['core-version'],
    error: 'no such file',
    base: null,
    actor: 'imglife-due',
  },
  {
    kind: 'build',
    at: '2026-11-01T10:00:00.000Z',
    tag: '3.21.3-core1.0.0',
    state: 'succeeded',
    digest,
    reasons: ['first-build'],
    error: null,
    base: null,
    actor: 'imglife-due',
  },
  {
    kind: 'registration',
    at: '2026-10-01T10:00:00.000Z',
    tag: '1',
    state: 'succeeded',
    digest,
    reasons: [],
    error: null,
    base: 'registry.example.com/bases/alpine:3.21.3-core1.0.0',
    actor: 'external:ci',
  },
];

beforeEach(() => {
  cli.portal.answer = ({ path: asked }) => {
    const at = Number(
      new URL(asked, cli.portal.url).searchParams.get('cursor') ?? 0,
    );
    return {
      body: {
        items: entries.slice(at, at + 2),
        pageInfo: at + 2 < entries.length ? { nextCursor: String(at + 2) } : {},
      },
    };
  };
});

it('prints what happened, all pages of it', async () => {
  const { code, stdout } = await cli.run(['history', REPOSITORY]);
  expect(code).toBe(0);
  expect(stdout)
    .toBe(`AT                TAG               WHAT          DIGEST               WHY                                                 WHO
2026-11-02T10:00  3.21.3-core1.1.0  build failed  -                    no such file                                        imglife-due
2026-11-01T10:00  3.21.3-core1.0.0  build         sha256:aaaaaaaaaaaa  first-build                                         imglife-due
2026-10-01T10:00  1                 registration  sha256:aaaaaaaaaaaa  registry.example.com/bases/alpine:3.21.3-core1.0.0  external:ci
`);
  expect(cli.portal.requests[0].path).toContain('/v1/images/history?');
  expect(cli.lastQuery).toMatchObject({ repository: REPOSITORY, cursor: '2' });
});

it('stops at the limit, and asks for one tag', async () => {
  const { stdout } = await cli.run([
    ...['history', REPOSITORY, '--tag', '1', '--limit', '2'],
    ...['--output', 'json'],
  ]);
  expect(JSON.parse(stdout)).toHaveLength(2);
  expect(cli.portal.requests).toHaveLength(1);
  expect(cli.lastQuery).toMatchObject({ tag: '1', limit: '2' });
});

it('ends with 2 for a limit that is none', async () => {
  const { code, stderr } = await cli.run([
    ...['history', REPOSITORY, '--limit', 'all'],
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain('limit');
});
