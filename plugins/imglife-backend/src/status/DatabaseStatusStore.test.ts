import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { InputError } from '@backstage/errors';
import type { Page, TierQuery } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import {
  application,
  baseTag,
  baseUse,
  mirrorTag,
  verdict,
} from './__fixtures__/rows';
import { parseBaseFilter } from './baseFilter';
import { DatabaseStatusStore } from './DatabaseStatusStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

describe.each(databases.eachSupportedId())('DatabaseStatusStore on %s', id => {
  let knex: Knex;
  let store: DatabaseStatusStore;

  beforeAll(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    store = DatabaseStatusStore.create({ knex, now: () => new Date() });
    await fill(knex);
  });

  afterAll(() => knex.destroy());

  /** Every page of a tier, forward, by pages of this size. */
  async function forward<Row>(
    read: (query: TierQuery) => Promise<Page<Row>>,
    query: TierQuery,
  ): Promise<Page<Row>[]> {
    const pages: Page<Row>[] = [];
    let cursor: string | undefined;
    do {
      const page = await read({ ...query, ...(cursor && { cursor }) });
      pages.push(page);
      cursor = page.pageInfo.nextCursor;
    } while (cursor && pages.length < 50);
    return pages;
  }

  const tiers = {
    mirrors: (query: TierQuery) => store.mirrors(query),
    bases: (query: TierQuery) => store.bases(query),
    applications: (query: TierQuery) => store.applications(query),
  } as Record<string, (query: TierQuery) => Promise<Page<any>>>;

  const orders = [
    ['mirrors', 'reference'],
    ['mirrors', 'version'],
    ['mirrors', 'eolDate'],
    ['mirrors', 'status'],
    ['mirrors', 'pulledAt'],
    ['bases', 'reference'],
    ['bases', 'version'],
    ['bases', 'eolDate'],
    ['bases', 'status'],
    ['bases', 'builtAt'],
    ['applications', 'reference'],
    ['applications', 'eolDate'],
    ['applications', 'status'],
    ['applications', 'builtAt'],
  ].flatMap(([tier, orderBy]) => [
    [tier, orderBy, 'asc'],
    [tier, orderBy, 'desc'],
  ]) as Array<[string, NonNullable<TierQuery['orderBy']>, 'asc' | 'desc']>;

  it.each(orders)(
    'pages %s by %s %s: every row once, forward as backward',
    async (tier, orderBy, order) => {
      const query = { orderBy, order, all: true };
      const whole = await tiers[tier]({ ...query, limit: 500 });
      const references = whole.items.map(row => row.reference);
      expect(new Set(references).size).toBe(whole.totalItems);

      const pages = await forward(tiers[tier], { ...query, limit: 3 });
      expect(
        pages.flatMap(page => page.items.map(row => row.reference)),
      ).toEqual(references);
      expect(pages[0].pageInfo.prevCursor).toBeUndefined();

      let page = pages.at(-1)!;
      const back = [page];
      while (page.pageInfo.prevCursor) {
        page = await tiers[tier]({
          ...query,
          limit: 3,
          cursor: page.pageInfo.prevCursor,
        });
        back.unshift(page);
      }
      expect(
        back.flatMap(({ items }) => items.map(row => row.reference)),
      ).toEqual(references);
    },
  );

  it.each([
    ['mirrors', 'eolDate', 'eolDate'],
    ['mirrors', 'pulledAt', 'pulledAt'],
    ['bases', 'builtAt', 'builtAt'],
    ['applications', 'builtAt', 'builtAt'],
  ] as const)(
    'sorts %s by %s with the unknown last in both directions',
    async (tier, orderBy, field) => {
      for (const order of ['asc', 'desc'] as const) {
        const { items } = await tiers[tier]({ orderBy, order, all: true });
        const values = items.map(row => row[field] as string | null);
        const known = values.filter(value => value !== null);
        expect(values.slice(0, known.length)).toEqual(known);
        expect(known.length).toBeLessThan(values.length);
        const sorted = [...known].sort();
        expect(known).toEqual(order === 'asc' ? sorted : sorted.reverse());
      }
    },
  );

  it('sorts the worst first by status', async () => {
    const { items } = await store.mirrors({ orderBy: 'status', all: true });
    const ranks = items.map(row =>
      ['critical', 'warning', 'unknown', 'ok'].indexOf(row.status),
    );
    expect(ranks).toEqual([...ranks].sort());
    expect(new Set(ranks).size).toBeGreaterThan(2);
  });

  it.each([
    ['mirrors', { search: 'MIRRORS/alpine:3.2' }, 3],
    ['mirrors', { search: '%_%' }, 0],
    ['mirrors', { search: 'a_p' }, 0],
    ['mirrors', { search: 'under_score' }, 1],
    ['mirrors', { status: 'critical' }, 2],
    ['mirrors', { support: 'ended' }, 1],
    ['mirrors', { product: 'debian' }, 2],
    ['mirrors', { product: 'debian', cycle: '12' }, 1],
    ['mirrors', { cycle: '3.20', status: 'ok' }, 0],
    ['mirrors', { state: 'failed' }, 1],
    ['mirrors', { state: 'gone-upstream', status: 'warning' }, 1],
    ['mirrors', { state: 'moved' }, 0],
    ['mirrors', { all: true }, 8],
    ['mirrors', {}, 7],
    ['bases', {}, 3],
    ['bases', { all: true }, 4],
    ['bases', { freshness: 'outdated' }, 1],
    ['bases', { owner: 'group:default/data' }, 1],
    ['bases', { used: true }, 1],
    ['bases', { used: false }, 2],
    ['bases', { used: false, state: 'published' }, 1],
    ['bases', { state: 'retired' }, 1],
    ['applications', {}, 5],
    ['applications', { all: true }, 6],
    ['applications', { freshness: 'outdated' }, 2],
    ['applications', { status: 'critical', freshness: 'current' }, 0],
    ['applications', { support: 'supported' }, 3],
    ['applications', { cycle: '3.21' }, 2],
    ['applications', { owner: 'group:default/a' }, 3],
    ['applications', { owned: true }, 3],
    ['applications', { owned: false }, 2],
    ['applications', { owned: false, freshness: 'none' }, 1],
    ['applications', { owned: true, all: true }, 3],
    ['applications', { owned: false, all: true }, 3],
    ['applications', { entityRef: 'Component:default/Shop' }, 1],
    ['applications', { project: 'team/shop' }, 1],
  ] as Array<[string, TierQuery, number]>)(
    '%s with %j: %i',
    async (tier, query, count) => {
      const page = await tiers[tier](query);
      expect([page.items.length, page.totalItems]).toEqual([count, count]);
    },
  );

  it.each([
    ['alpine', 4],
    ['alpine:3.21', 2],
    ['alpine:3.21.3-core1.0.0', 2],
    ['alpine:3.2', 0],
    ['alpine:3_21', 0],
    ['alp', 0],
    ['reg.test/bases/alpine:3.21.3-core1.0.0', 2],
    ['reg.test/bases/alpine', 4],
    ['reg.test/bases/alp', 0],
    ['cache.test/bases/alpine:3.22.1-core1.0.0', 2],
    [`reg.test/bases/alpine:3.21.3-core1.0.0@sha256:${'0'.repeat(64)}`, 0],
    // the product, whatever the base is called
    ['linux', 4],
    ['linux:3.22', 2],
    ['linux:3.2', 0],
  ])('applications on %s: %i', async (base, count) => {
    const page = await store.applications(
      {},
      parseBaseFilter(
        base,
        name => ({ ...name, registry: name.registry.replace('cache', 'reg') }),
        name => (name === 'linux' ? 'alpine-linux' : undefined),
      ),
    );
    expect([page.items.length, page.totalItems]).toEqual([count, count]);
  });

  it.each([
    ['redis', 1],
    ['alpine', 2],
    ['alpine:3.21', 1],
    ['alpine:3.2', 0],
    ['alpine:3_21', 0],
    ['alpine:3.21.3-core1.0.0', 1],
    ['alp', 0],
    ['reg.test/bases/alpine', 2],
    ['cache.test/bases/alpine:3.21.3-core1.0.0', 1],
    ['reg.test/bases/alp', 0],
    [`reg.test/bases/alpine:3.21.3-core1.0.0@sha256:${'0'.repeat(64)}`, 0],
  ])('bases named %s: %i', async (base, count) => {
    const canonical = (name: { registry: string; repository: string }) => ({
      ...name,
      registry: name.registry.replace('cache', 'reg'),
    });
    const filter = parseBaseFilter(base, canonical, () => undefined);
    const page = await store.bases({}, filter);
    expect([page.items.length, page.totalItems]).toEqual([count, count]);
  });

  it.each([':3.21', '/', 'reg.test/bases/alpine:'])(
    'takes %s for the name of no base',
    base => {
      expect(() =>
        parseBaseFilter(
          base,
          name => name,
          () => undefined,
        ),
      ).toThrow(/^base: /);
    },
  );

  it.each([
    ['mirrors', { base: 'alpine' }, 'base'],
    ['mirrors', { used: true }, 'used'],
    ['mirrors', { state: 'published' }, 'state'],
    ['bases', { state: 'moved' }, 'state'],
    ['bases', { owned: true }, 'owned'],
    ['applications', { state: 'failed' }, 'state'],
    ['applications', { used: false }, 'used'],
    ['mirrors', { orderBy: 'builtAt' }, 'orderBy'],
    ['bases', { entityRef: 'component:default/x' }, 'entityRef'],
    ['bases', { orderBy: 'pulledAt' }, 'orderBy'],
    ['applications', { orderBy: 'version' }, 'orderBy'],
    ['applications', { cursor: 'rubbish' }, 'cursor'],
  ] as Array<[string, TierQuery, string]>)(
    'refuses %s with %j, naming %s',
    async (tier, query, field) => {
      const error = await tiers[tier](query).catch(caught => caught);
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toContain(field);
    },
  );

  it('shows and counts nothing that retention removed, unless all is asked for', async () => {
    const before = await store.counts();
    const gone = { state: 'removed', digest: null, status: 'critical' };
    await knex('mirror_tag').insert([
      mirrorTag({ ...gone, tag: 'removed-1', selected: false }),
      mirrorTag({ ...gone, tag: 'removed-2', selected: true }),
    ]);
    await knex('base_tag').insert(baseTag({ ...gone, tag: 'removed-3' }));
    try {
      expect(await store.counts()).toEqual(before);
      for (const tier of ['mirrors', 'bases'] as const) {
        const query = { search: 'removed' };
        expect((await tiers[tier](query)).items).toEqual([]);
        const { items } = await tiers[tier]({ ...query, all: true });
        expect(items).toHaveLength(tier === 'mirrors' ? 2 : 1);
        expect(items[0].state).toBe('removed');
      }
    } finally {
      await knex('mirror_tag').where({ state: 'removed' }).delete();
      await knex('base_tag').where({ state: 'removed' }).delete();
    }
  });

  it('counts what the tables show', async () => {
    const counts = await store.counts();
    for (const tier of ['mirrors', 'bases', 'applications'] as const) {
      expect(counts[tier].total).toBe((await tiers[tier]({})).totalItems);
      for (const status of ['critical', 'warning', 'unknown', 'ok'] as const) {
        const { totalItems } = await tiers[tier]({ status });
        expect([tier, status, counts[tier][status]]).toEqual([
          tier,
          status,
          totalItems,
        ]);
      }
    }
  });

  it('finds one application whatever its state, and nothing else', async () => {
    expect(
      await store.application('reg.test/apps/shop', '0.9.0'),
    ).toMatchObject({ state: 'earlier', detection: { method: 'chain' } });
    expect(await store.application('reg.test/apps/shop', '7')).toBeUndefined();
  });

  it('finds the bases and mirrors below references', async () => {
    const { bases, mirrors } = await store.lineage([
      'reg.test/bases/alpine:3.21.3-core1.0.0',
      'reg.test/mirrors/debian:12.1',
      'reg.test/bases/alpine',
      '?',
    ]);
    expect(bases.map(row => row.reference)).toEqual([
      'reg.test/bases/alpine:3.21.3-core1.0.0',
    ]);
    expect(mirrors.map(row => row.reference).sort()).toEqual([
      'reg.test/mirrors/alpine:3.21.3',
      'reg.test/mirrors/debian:12.1',
    ]);
  });

  it.each([
    ['mirrors', 'reg.test/mirrors/old:2'],
    ['bases', 'reg.test/bases/alpine:3.20.1-core1.0.0'],
    ['applications', 'reg.test/apps/shop:0.9.0'],
  ])('finds one of the %s by its reference', async (tier, reference) => {
    const { items } = await tiers[tier]({ reference, all: true });
    expect(items.map(row => row.reference)).toEqual([reference]);
    // retired, no longer selected, earlier
    expect((await tiers[tier]({ reference })).items).toEqual([]);
    const part = reference.slice(0, -1);
    expect((await tiers[tier]({ reference: part, all: true })).items).toEqual(
      [],
    );
  });

  it('tells what waits under a moved tag, and whose tag it is', async () => {
    const moved = { tag: '0.1', pending_digest: 'sha256:new', state: 'moved' };
    await knex('mirror_tag').insert(mirrorTag(moved));
    try {
      const reference = 'reg.test/mirrors/alpine:0.1';
      expect((await store.mirrors({ reference })).items).toMatchObject([
        { name: 'alpine', pendingDigest: 'sha256:new', digest: 'sha256:m' },
      ]);
    } finally {
      await knex('mirror_tag').where({ tag: '0.1' }).delete();
    }
  });

  it('stops counting at 10,000', async () => {
    const rows = Array.from({ length: 10_001 }, (_, index) =>
      mirrorTag({ repository: 'reg.test/mirrors/many', tag: `1.${index}` }),
    );
    await knex.batchInsert('mirror_tag', rows, 500);
    try {
      const page = await store.mirrors({ search: 'mirrors/many', limit: 2 });
      expect(page).toMatchObject({
        totalItems: 10_000,
        totalIsLowerBound: true,
      });
      await knex('mirror_tag').where({ tag: '1.0' }).delete();
      const exact = await store.mirrors({ search: 'mirrors/many', limit: 2 });
      expect(exact.totalItems).toBe(10_000);
      expect(exact.totalIsLowerBound).toBeUndefined();
    } finally {
      await knex('mirror_tag')
        .where({ repository: 'reg.test/mirrors/many' })
        .delete();
    }
  });
});

async function fill(knex: Knex): Promise<void> {
  const debian = {
    mirror: 'debian',
    repository: 'reg.test/mirrors/debian',
    product: 'debian',
  };
  await knex('mirror_tag').insert([
    mirrorTag({ tag: '3.21.3' }),
    mirrorTag({
      tag: '3.20.1',
      cycle: '3.20',
      support: 'ended',
      eol_date: '2026-04-01',
      status: 'critical',
      status_rank: 0,
    }),
    mirrorTag({
      tag: '3.22.1',
      cycle: '3.22',
      support: 'ending',
      status: 'warning',
      status_rank: 1,
    }),
    mirrorTag({ ...debian, tag: '12.1', cycle: '12', eol_date: null }),
    mirrorTag({
      ...debian,
      tag: '11.1',
      cycle: '11',
      state: 'failed',
      pulled_at: null,
      digest: null,
      status: 'critical',
      status_rank: 0,
    }),
    mirrorTag({
      repository: 'reg.test/mirrors/under_score',
      tag: '1',
      product: null,
      cycle: null,
      support: 'unknown',
      eol_date: null,
      status: 'unknown',
      status_rank: 2,
    }),
    // no longer selected, but something is wrong with it
    mirrorTag({
      repository: 'reg.test/mirrors/old',
      tag: '1',
      selected: false,
      state: 'gone-upstream',
      product: null,
      cycle: null,
      status: 'warning',
      status_rank: 1,
    }),
    mirrorTag({
      repository: 'reg.test/mirrors/old',
      tag: '2',
      selected: false,
      product: null,
      cycle: null,
    }),
  ]);
  await knex('base_tag').insert([
    baseTag({
      freshness: 'outdated',
      status: 'critical',
      status_rank: 0,
      used_by: 2,
    }),
    baseTag({ tag: '3.22.1-core1.0.0', cycle: '3.22', eol_date: '2027-05-01' }),
    baseTag({ tag: '3.20.1-core1.0.0', cycle: '3.20', state: 'retired' }),
    baseTag({
      name: 'redis',
      owner: 'group:default/data',
      repository: 'reg.test/bases/redis',
      tag: '8.0.1-core1.0.0',
      product: 'redis',
      cycle: '8.0',
      digest: null,
      built_at: null,
      state: 'failed',
      eol_date: null,
      status: 'critical',
      status_rank: 0,
    }),
  ]);
  const ids = async (use: object, judged: object) => {
    await knex('base_use').insert(baseUse(use));
    const { id } = await knex('base_use').orderBy('id', 'desc').first('id');
    await knex('verdict').insert(verdict({ base_use_id: id, ...judged }));
    const row = await knex('verdict').orderBy('id', 'desc').first('id');
    return row.id as number;
  };
  const outdated = await ids(
    {},
    {
      freshness: 'outdated',
      support: 'ended',
      status: 'critical',
      status_rank: 0,
    },
  );
  const current = await ids(
    { reference: 'reg.test/bases/alpine:3.22.1-core1.0.0' },
    {
      freshness: 'current',
      support: 'supported',
      status: 'ok',
      status_rank: 3,
      cycle: '3.22',
      eol_date: '2027-05-01',
    },
  );
  const none = await ids(
    { reference: '', digest: '', tier: 'none' },
    {
      freshness: 'none',
      support: 'supported',
      status: 'ok',
      status_rank: 3,
      product: null,
      cycle: null,
      eol_date: null,
    },
  );
  await knex('application').insert([
    application({
      verdict_id: outdated,
      owner: 'group:default/a',
      entity_ref: 'component:default/shop',
      project: 'team/shop',
    }),
    application({ tag: '0.9.0', state: 'earlier', verdict_id: outdated }),
    application({
      repository: 'reg.test/apps/b',
      verdict_id: outdated,
      base_reference: 'reg.test/bases/alpine:3.21.3-core1.0.0',
      built_at: null,
      owner: 'group:default/a',
    }),
    application({
      repository: 'reg.test/apps/c',
      verdict_id: current,
      base_reference: 'reg.test/bases/alpine:3.22.1-core1.0.0',
      base_version: '3.22.1-core1.0.0',
      owner: 'group:default/a',
    }),
    application({
      repository: 'reg.test/apps/d',
      verdict_id: current,
      base_reference: 'reg.test/bases/alpine:3.22.1-core1.0.0',
      base_version: '3.22.1-core1.0.0',
      built_at: '2026-04-01T00:00:00.000Z',
    }),
    application({
      repository: 'reg.test/apps/e',
      verdict_id: none,
      base_reference: null,
      base_digest: null,
      base_name: null,
      base_version: null,
    }),
  ]);
}
