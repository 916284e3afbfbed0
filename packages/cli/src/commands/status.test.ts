import { CliHarness } from '../testing/CliHarness';

const cli = CliHarness.create();
beforeEach(cli.start);
afterEach(cli.stop);

const row = {
  reference: 'registry.example.com/mirrors/alpine:3.21.3',
  repository: 'registry.example.com/mirrors/alpine',
  tag: '3.21.3',
  platforms: ['linux/amd64', 'linux/arm64'],
  eolDate: '2026-11-01',
  status: 'warning',
  support: 'ending',
};
const rows: Record<string, object[]> = {
  mirrors: [
    { ...row, state: 'current' },
    { ...row, tag: '3.20', state: 'gone-upstream', eolDate: null },
  ],
  bases: [{ ...row, freshness: 'superseded' }],
  applications: [],
};

it('prints the tables, all pages of them', async () => {
  cli.portal.answer = ({ path: asked }) => {
    const url = new URL(asked, cli.portal.url);
    const items = rows[url.pathname.split('/').at(-1)!];
    const at = Number(url.searchParams.get('cursor') ?? 0);
    return {
      body: {
        items: items.slice(at, at + 1),
        totalItems: items.length,
        pageInfo: at + 1 < items.length ? { nextCursor: String(at + 1) } : {},
      },
    };
  };
  const table = await cli.run(['status']);
  expect(table).toMatchObject({ code: 0, stderr: '' });
  expect(table.stdout).toBe(`mirrors (2)
IMAGE                                VERSION  PLATFORMS                 EOL         STATUS   WHY
registry.example.com/mirrors/alpine  3.21.3   linux/amd64, linux/arm64  2026-11-01  warning  ending
registry.example.com/mirrors/alpine  3.20     linux/amd64, linux/arm64  -           warning  gone-upstream

bases (1)
IMAGE                                VERSION  PLATFORMS                 EOL         STATUS   WHY
registry.example.com/mirrors/alpine  3.21.3   linux/amd64, linux/arm64  2026-11-01  warning  superseded, ending

applications (0)
IMAGE  VERSION  PLATFORMS  EOL  STATUS  WHY

`);
  const json = await cli.run([
    'status',
    '--tier',
    'mirrors',
    '--output',
    'json',
  ]);
  expect(JSON.parse(json.stdout)).toEqual({ mirrors: rows.mirrors });
});

it('passes filters on', async () => {
  cli.portal.answer = () => ({ body: { items: [], pageInfo: {} } });
  await cli.run([
    ...['status', '--tier', 'applications', '--status', 'critical'],
    ...['--owner', 'group:default/a', '--entity', 'component:a/b', '--all'],
  ]);
  expect(cli.portal.requests[0].path).toMatch(
    /^\/api\/imglife\/v1\/applications\?/,
  );
  expect(cli.lastQuery).toEqual({
    status: 'critical',
    owner: 'group:default/a',
    entityRef: 'component:a/b',
    all: 'true',
    limit: '500',
  });
});

it.each([
  [['--unused'], { used: 'false' }],
  [['--unowned'], { owned: 'false' }],
  [['--state', 'blocked'], { state: 'blocked' }],
])('asks for %j', async (flags, query) => {
  cli.portal.answer = () => ({ body: { items: [], pageInfo: {} } });
  expect((await cli.run(['status', ...flags])).code).toBe(0);
  expect(cli.lastQuery).toMatchObject(query);
});

it('prints the Markdown report as it comes', async () => {
  cli.portal.answer = () => ({ body: '# Container images\n\n| Image |\n' });
  const { stdout } = await cli.run(['status', '--output', 'markdown']);
  expect(stdout).toBe('# Container images\n\n| Image |\n');
  expect(cli.portal.requests[0]).toMatchObject({
    path: '/api/imglife/v1/report',
    headers: { accept: 'text/markdown' },
  });
});

describe('what is filtered', () => {
  const odd = { ...row, tag: '=1,2', repository: 'r.example.com/a|b<c>' };
  beforeEach(() => {
    cli.portal.answer = () => ({
      body: { items: [{ ...odd, state: 'current' }], pageInfo: {} },
    });
  });

  it('is a table of Markdown with its cells escaped', async () => {
    const { stdout } = await cli.run([
      ...['status', '--output', 'markdown', '--tier', 'mirrors'],
    ]);
    expect(stdout).toBe(`## mirrors (1)

| Image | Version | Platforms | EOL | Status | Why |
| --- | --- | --- | --- | --- | --- |
| r.example.com/a\\|b&lt;c&gt; | =1,2 | linux/amd64, linux/arm64 | 2026-11-01 | warning | ending |

`);
  });

  it('is CSV that is no formula', async () => {
    const { stdout } = await cli.run([
      ...['status', '--output', 'csv', '--product', 'alpine-linux'],
    ]);
    const [header, first, ...rest] = stdout.trimEnd().split('\n');
    expect(header).toBe('Tier,Image,Version,Platforms,EOL,Status,Why');
    expect(first).toBe(
      `mirrors,r.example.com/a|b<c>,"'=1,2","linux/amd64, linux/arm64",2026-11-01,warning,ending`,
    );
    expect(rest).toHaveLength(2);
    expect(cli.lastQuery).toMatchObject({ product: 'alpine-linux' });
  });
});

it('takes the whole of it as CSV from the portal', async () => {
  cli.portal.answer = () => ({ body: 'Tier,Image\r\n' });
  const { stdout } = await cli.run(['status', '--output', 'csv']);
  expect(stdout).toBe('Tier,Image\n');
  expect(cli.portal.requests[0]).toMatchObject({
    path: '/api/imglife/v1/report',
    headers: { accept: 'text/csv' },
  });
});

it.each([
  [
    ['--owner', 'group:default/web'],
    ['bases', 'applications'],
  ],
  [
    ['--base', 'alpine:3.19'],
    ['bases', 'applications'],
  ],
  [
    ['--freshness', 'outdated'],
    ['bases', 'applications'],
  ],
  [['--entity', 'component:default/shop'], ['applications']],
  [['--project', 'team/shop'], ['applications']],
  [['--unowned'], ['applications']],
  [['--unused'], ['bases']],
  [['--state', 'moved'], ['mirrors']],
  [
    ['--state', 'failed'],
    ['mirrors', 'bases'],
  ],
  [
    ['--status', 'critical'],
    ['mirrors', 'bases', 'applications'],
  ],
])('with %j asks only for the tiers that have it', async (filter, tiers) => {
  cli.portal.answer = () => ({ body: { items: [], pageInfo: {} } });
  const { code, stdout } = await cli.run([
    ...['status', '--output', 'json'],
    ...filter,
  ]);
  expect(code).toBe(0);
  expect(Object.keys(JSON.parse(stdout))).toEqual(tiers);
});
