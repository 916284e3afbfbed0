import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import { application, baseUse, verdict } from './__fixtures__/rows';
import type { ApplicationOrder } from './applicationOrder';
import { applicationPage } from './applicationPage';
import { referenceOf } from './PublishedBases';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const ORDERS: Array<
  [orderBy: 'reference' | 'builtAt' | 'status' | 'eolDate', ApplicationOrder]
> = [
  ['reference', { by: 'reference', column: '' }],
  ['builtAt', { by: 'application', column: 'built_at' }],
  ['status', { by: 'verdict', column: 'status_rank' }],
  ['eolDate', { by: 'verdict', column: 'eol_date' }],
];
const CASES = ORDERS.flatMap(([orderBy, by]) =>
  (['asc', 'desc'] as const).flatMap(order =>
    [undefined, ['current']].map(states => ({ orderBy, by, order, states })),
  ),
);

describe.each(databases.eachSupportedId())('applicationPage on %s', id => {
  let knex: Knex;

  beforeAll(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    for (const number of [0, 1, 2, 3, 4, 5]) {
      await knex('base_use').insert(
        baseUse({ reference: `reg.test/b:${number}` }),
      );
      await knex('verdict').insert(
        verdict({
          base_use_id: number + 1,
          status_rank: number % 3,
          eol_date: number % 4 === 3 ? null : `2026-0${1 + (number % 2)}-01`,
        }),
      );
    }
    await knex('application').insert(
      Array.from({ length: 40 }, (_, number) =>
        application({
          repository: `reg.test/apps/${number % 7}`,
          tag: `1.${number}`,
          state: number % 5 === 4 ? 'earlier' : 'current',
          // one verdict is that of nobody
          verdict_id: 1 + (number % 5),
          owner: number % 2 ? 'group:default/a' : null,
          built_at: number % 6 === 5 ? null : `2026-03-0${1 + (number % 4)}`,
        }),
      ),
    );
  });

  afterAll(() => knex.destroy());

  async function allPages(
    options: Omit<Parameters<typeof applicationPage>[0], 'knex'>,
    towards: 'nextCursor' | 'prevCursor',
    from?: string,
  ): Promise<{ pages: string[][]; last?: string }> {
    const pages: string[][] = [];
    let cursor = from;
    let last: string | undefined;
    do {
      const query = { ...options.query, limit: 3, cursor };
      const page = await applicationPage({ ...options, query, knex });
      pages.push(page.items.map(referenceOf));
      last = page.pageInfo.prevCursor;
      cursor = page.pageInfo[towards];
    } while (cursor && pages.length < 50);
    return { pages, last };
  }

  it.each(CASES)(
    '$orderBy $order of $states: a walk gives what sorting gives, both ways',
    async ({ orderBy, by, order, states }) => {
      const given: string[][] = [];
      for (const [countLimit, isCostly] of [
        [1, false],
        [10_000, false],
        [1, true],
        [10_000, true],
      ] as const) {
        const options = {
          query: { orderBy, order },
          order: by,
          states,
          filter: (rows: Knex.QueryBuilder) =>
            rows.where('application.owner', 'group:default/a'),
          verdicts: [1, 2, 4, 5, 6],
          split: [],
          countLimit,
          isCostly,
        };
        const { pages, last } = await allPages(options, 'nextCursor');
        given.push(pages.flat());
        const back = await allPages(options, 'prevCursor', last);
        expect(back.pages.reverse().flat()).toEqual(pages.slice(0, -1).flat());
      }
      const [walked, ...others] = given;
      expect(others).toEqual([walked, walked, walked]);
      const matching = await knex('application')
        .where({
          owner: 'group:default/a',
          ...(states && { state: 'current' }),
        })
        .whereIn('verdict_id', [1, 2, 4, 5, 6]);
      expect([...walked].sort()).toEqual(matching.map(referenceOf).sort());
    },
  );

  it.each(CASES)(
    '$orderBy $order of $states: page by page of each verdict gives what sorting gives, both ways',
    async ({ orderBy, by, order, states }) => {
      for (const split of [[], [4, 5, 9, 24]]) {
        const options = { query: { orderBy, order }, order: by, states, split };
        // more of them than matches are asked for, and so they are sorted
        const many = Array.from({ length: 50 }, (_, more) => 1_000 + more);
        const few = { ...options, verdicts: [1, 2, 6] };
        const { pages, last } = await allPages(few, 'nextCursor');
        const sorted = await allPages(
          { ...options, verdicts: [1, 2, 6, ...many] },
          'nextCursor',
        );
        expect(pages).toEqual(sorted.pages);
        const back = await allPages(few, 'prevCursor', last);
        expect(back.pages.reverse().flat()).toEqual(pages.slice(0, -1).flat());
        const matching = await knex('application')
          .where(states ? { state: 'current' } : {})
          .where(either =>
            either.whereIn('verdict_id', [1, 2, 6]).orWhereIn('id', split),
          );
        expect(pages.flat().sort()).toEqual(matching.map(referenceOf).sort());
      }
    },
  );

  it('counts up to a limit, and says when there are more', async () => {
    const options = {
      knex,
      query: {},
      order: ORDERS[0][1],
      states: ['current'],
      split: [],
    };
    expect(await applicationPage({ ...options, countLimit: 31 })).toMatchObject(
      {
        totalItems: 31,
        totalIsLowerBound: true,
      },
    );
    const exact = await applicationPage({ ...options, countLimit: 32 });
    expect(exact.totalItems).toBe(32);
    expect(exact.totalIsLowerBound).toBeUndefined();
    const costly = { ...options, isCostly: true };
    expect(await applicationPage({ ...costly, countLimit: 31 })).toMatchObject({
      totalItems: 31,
      totalIsLowerBound: true,
    });
    expect((await applicationPage(costly)).totalItems).toBe(32);
    const none = (rows: Knex.QueryBuilder) => rows.where('application.tag', '');
    expect(await applicationPage({ ...costly, filter: none })).toEqual({
      items: [],
      totalItems: 0,
      pageInfo: {},
    });
  });
});
