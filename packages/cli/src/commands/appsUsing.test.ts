import { CliHarness } from '../testing/CliHarness';

const cli = CliHarness.create();
beforeEach(cli.start);
afterEach(cli.stop);

const rows = [1, 2, 3].map(number => ({
  repository: `registry.example.com/apps/shop${number}`,
  tag: '1.0',
  base: { reference: 'registry.example.com/bases/alpine:3.19' },
  freshness: 'outdated',
  status: 'critical',
  owner: number === 1 ? null : 'group:default/web',
}));

beforeEach(() => {
  cli.portal.answer = ({ path: asked }) => {
    const at = Number(
      new URL(asked, cli.portal.url).searchParams.get('cursor') ?? 0,
    );
    return {
      body: {
        items: rows.slice(at, at + 2),
        pageInfo: at + 2 < rows.length ? { nextCursor: String(at + 2) } : {},
      },
    };
  };
});

it('lists the applications on a base, all pages of them', async () => {
  const { code, stdout } = await cli.run([
    ...['apps', 'using', 'alpine:3.19', '--owner', 'group:default/web'],
  ]);
  expect(code).toBe(0);
  expect(stdout)
    .toBe(`IMAGE                            VERSION  BASE                                    FRESHNESS  STATUS    OWNER
registry.example.com/apps/shop1  1.0      registry.example.com/bases/alpine:3.19  outdated   critical  -
registry.example.com/apps/shop2  1.0      registry.example.com/bases/alpine:3.19  outdated   critical  group:default/web
registry.example.com/apps/shop3  1.0      registry.example.com/bases/alpine:3.19  outdated   critical  group:default/web

3 applications
`);
  expect(cli.lastQuery).toEqual({
    base: 'alpine:3.19',
    owner: 'group:default/web',
    limit: '500',
    cursor: '2',
  });
});

it.each([
  ['json', (text: string) => expect(JSON.parse(text)).toEqual(rows)],
  [
    'csv',
    (text: string) =>
      expect(text.split('\n').slice(0, 2)).toEqual([
        'Image,Version,Base,Freshness,Status,Owner',
        'registry.example.com/apps/shop1,1.0,registry.example.com/bases/alpine:3.19,outdated,critical,-',
      ]),
  ],
  [
    'markdown',
    (text: string) =>
      expect(text).toContain(
        '| registry.example.com/apps/shop3 | 1.0 | registry.example.com/bases/alpine:3.19 | outdated | critical | group:default/web |\n',
      ),
  ],
])('prints %s', async (output, expectOf) => {
  const { stdout } = await cli.run([
    ...['apps', 'using', 'alpine', '--cycle', '3.19', '--output', output],
  ]);
  expectOf(stdout);
  expect(cli.lastQuery.cycle).toBe('3.19');
});
