import { CliHarness, TOKEN } from '../testing/CliHarness';
import { verdictOf } from '../testing/verdictOf';

const BASE = verdictOf().base;
const cli = CliHarness.create();
beforeEach(cli.start);
afterEach(cli.stop);

const outdated = verdictOf({
  freshness: 'outdated',
  outdatedSince: '2026-05-02',
  latestInCycle: 'registry.example.com/bases/alpine:3.21.7-core1.2.0',
  upToDate: false,
  status: 'critical',
  violations: ['outdated'],
  advice: 'Set BASE_IMAGE to …:3.21.7-core1.2.0.',
  warnings: ['base image is outdated: latest is 3.21.7-core1.2.0'],
});
const grace = verdictOf({
  ...outdated,
  status: 'warning',
  graceUntil: '2099-05-16',
  violations: [],
});
const exempt = verdictOf({
  ...outdated,
  violations: [],
  exemption: { until: '2099-01-01', reason: 'moving house' },
});
const development = verdictOf({
  ...outdated,
  kind: 'development',
  violations: [],
});
const ended = verdictOf({ support: 'ended', violations: ['ended'] });

it.each([
  ['current', verdictOf(), ['--strict'], 0],
  ['outdated', outdated, [], 0],
  ['outdated', outdated, ['--strict'], 1],
  ['outdated', outdated, ['--fail-on', 'ended,withdrawn'], 0],
  ['outdated', outdated, ['--fail-on', 'ended, outdated'], 1],
  ['in grace', grace, ['--strict'], 0],
  ['in grace', grace, ['--fail-on', 'outdated'], 0],
  ['exempt', exempt, ['--strict'], 0],
  ['exempt', exempt, ['--fail-on', 'outdated'], 0],
  ['for development', development, ['--strict'], 0],
  ['for development', development, ['--fail-on', 'outdated'], 0],
  ['ended', ended, ['--strict'], 1],
  [
    'ended',
    { ...ended, ...grace, support: 'ended' },
    ['--fail-on', 'ended'],
    1,
  ],
])('%s: %s %j ends with %i', async (_title, body, options, expected) => {
  cli.portal.answer = () => ({ body });
  const { code, stderr } = await cli.run(['check', '--base', BASE, ...options]);
  expect({ code, stderr }).toEqual({ code: expected, stderr: '' });
});

it('asks the portal with its token, and prints the verdict', async () => {
  cli.portal.answer = () => ({ body: outdated });
  const digest = `sha256:${'0'.repeat(64)}`;
  const { code, stdout } = await cli.run([
    ...['check', '--base', BASE, '--digest', digest],
    ...['--application', 'registry.example.com/apps/shop:1', '--strict'],
  ]);
  expect(code).toBe(1);
  expect(stdout).toBe(`base       ${BASE}
freshness  outdated since 2026-05-02
support    supported (alpine-linux 3.21 until 2099-11-01)
status     critical
warning    base image is outdated: latest is 3.21.7-core1.2.0
advice     Set BASE_IMAGE to …:3.21.7-core1.2.0.
violations outdated
`);
  const [{ path: asked, headers }] = cli.portal.requests;
  expect(asked).toMatch(/^\/api\/imglife\/v1\/check\?/);
  expect(cli.lastQuery).toEqual({
    base: BASE,
    digest,
    application: 'registry.example.com/apps/shop:1',
  });
  expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
});

it('prints grace, exemption and notes', async () => {
  cli.portal.answer = () => ({ body: grace });
  expect((await cli.run(['check', '--base', BASE])).stdout).toContain(
    'outdated since 2026-05-02, grace until 2099-05-16\n',
  );
  cli.portal.answer = () => ({ body: exempt });
  expect((await cli.run(['check', '--base', BASE])).stdout).toContain(
    'exempt     until 2099-01-01: moving house\n',
  );
  cli.portal.answer = () => ({ body: verdictOf({ notes: ['assumed'] }) });
  expect((await cli.run(['check', '--base', BASE])).stdout).toContain(
    'note       assumed\n',
  );
});

it('prints json for programs', async () => {
  cli.portal.answer = () => ({ body: outdated });
  const { stdout } = await cli.run([
    ...['check', '--base', BASE, '--output', 'json', '--fail-on', 'ended'],
  ]);
  expect(JSON.parse(stdout)).toEqual({ ...outdated, violations: [] });
});

it('reads the Dockerfile, with values from the environment', async () => {
  await cli.write(
    'Dockerfile',
    'ARG TAG\nFROM registry.example.com/bases/alpine:$TAG\n',
  );
  cli.portal.answer = () => ({ body: verdictOf() });
  await cli.run(['check', '--build-arg', 'TAG=1.0']);
  expect(cli.lastQuery.base).toBe('registry.example.com/bases/alpine:1.0');
  await cli.run(['check', '--build-arg', 'TAG'], { TAG: '2.0' });
  expect(cli.lastQuery.base).toBe('registry.example.com/bases/alpine:2.0');
});

it('has nothing to ask about FROM scratch', async () => {
  await cli.write('Scratch', 'FROM golang AS build\nFROM scratch\n');
  const text = await cli.run(['check', '--dockerfile', 'Scratch', '--strict']);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout).toContain('there is no base to judge');
  const json = await cli.run([
    ...['check', '--dockerfile', 'Scratch', '--output', 'json'],
  ]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    freshness: 'none',
    status: 'ok',
    violations: [],
  });
  expect(cli.portal.requests).toEqual([]);
});
