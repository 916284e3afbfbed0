import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import {
  application,
  baseTag,
  baseUse,
  mirrorTag,
  verdict,
} from './__fixtures__/rows';
import { AdoptionReader } from './AdoptionReader';
import { parseBaseFilter } from './baseFilter';
import { LineageReader } from './LineageReader';
import { TransitionReader } from './TransitionReader';

jest.setTimeout(60_000);

const UPSTREAM = 'docker.io/library/alpine:3.21.3';
const MIRROR = 'reg.test/mirrors/alpine:3.21.3';
const BASE = 'reg.test/bases/alpine:3.21.3-core1.0.0';
const JAVA = 'reg.test/bases/java:3.21.3-core1.0.0';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

describe.each(databases.eachSupportedId())('questions on %s', id => {
  let knex: Knex;
  let clock: Date;

  beforeEach(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    clock = new Date('2026-06-01T10:00:00.000Z');
    await fill(knex);
  });

  afterEach(() => knex.destroy());

  describe('LineageReader', () => {
    const read = (reference: string, rest: object = {}) =>
      LineageReader.create({ knex }).read({ reference, ...rest });

    it.each([
      ['reg.test/apps/shop:1.0.0', [BASE, MIRROR, UPSTREAM], [], 0],
      ['reg.test/apps/java:1.0.0', [JAVA, BASE, MIRROR, UPSTREAM], [], 0],
      ['reg.test/apps/direct:1.0.0', [MIRROR, UPSTREAM], [], 0],
      ['reg.test/apps/raw:1.0.0', [UPSTREAM], [], 0],
      ['reg.test/apps/far:1.0.0', ['quay.io/x/y:1'], [], 0],
      ['reg.test/apps/scratch:1.0.0', [], [], 0],
      [JAVA, [BASE, MIRROR, UPSTREAM], [], 1],
      [BASE, [MIRROR, UPSTREAM], [JAVA], 3],
      [MIRROR, [UPSTREAM], [BASE, JAVA], 4],
      [UPSTREAM, [], [BASE, JAVA], 5],
    ])('%s stands on %j, below %j and %i applications', async (...row) => {
      const [reference, above, bases, users] = row;
      const lineage = await read(reference);
      expect(lineage.image.reference).toBe(reference);
      expect(lineage.builtOn.map(each => each.reference)).toEqual(above);
      expect(lineage.bases.map(each => each.reference)).toEqual(bases);
      expect(lineage.totalBases).toBe(bases.length);
      expect(lineage.applications.totalItems).toBe(users);
    });

    it('shows each image as its own table does', async () => {
      const { image, builtOn } = await read('reg.test/apps/shop:1.0.0');
      expect(image).toEqual({
        reference: 'reg.test/apps/shop:1.0.0',
        tier: 'applications',
        digest: 'sha256:app',
        status: 'critical',
        freshness: 'outdated',
        support: 'ended',
        eolDate: '2026-11-01',
        owner: 'group:default/a',
      });
      expect(builtOn.map(each => [each.tier, each.status])).toEqual([
        ['bases', 'ok'],
        ['mirrors', 'ok'],
        ['upstream', null],
      ]);
    });

    it('pages the applications', async () => {
      const first = await read(BASE, { limit: 2 });
      expect(first.applications.items).toMatchObject([
        { reference: 'reg.test/apps/b:1.0.0', base: BASE },
        { reference: 'reg.test/apps/java:1.0.0', base: JAVA },
      ]);
      const { nextCursor: cursor } = first.applications.pageInfo;
      const second = await read(BASE, { limit: 2, cursor });
      expect(second.applications.items).toMatchObject([
        { reference: 'reg.test/apps/shop:1.0.0' },
      ]);
      expect(second.applications.pageInfo.nextCursor).toBeUndefined();
    });

    it.each([
      ['reg.test/bases/alpine', 'sha256:child', BASE],
      ['reg.test/apps/shop', 'sha256:app', 'reg.test/apps/shop:1.0.0'],
    ])('finds %s by the digest %s', async (reference, digest, expected) => {
      const shared = (tag: string, published_at: string) => ({
        tier: 'bases',
        name: 'alpine',
        repository: 'reg.test/bases/alpine',
        tag,
        root_digest: 'sha256:root',
        digest: 'sha256:child',
        platform: 'linux/amd64',
        layers: 2,
        published_at,
      });
      await knex('image_digest').insert([
        shared('3.20.1-core1.0.0', '2026-01-01T00:00:00.000Z'),
        shared('3.21.3-core1.0.0', '2026-02-01T00:00:00.000Z'),
      ]);
      const { image } = await read(reference, { digest });
      expect(image.reference).toBe(expected);
      await expect(read(reference, { digest: 'sha256:no' })).rejects.toThrow(
        `reference: no mirror, base or application ${reference} is known by sha256:no`,
      );
    });

    it('says what it does not know', async () => {
      await expect(read('reg.test/apps/none:1')).rejects.toThrow(NotFoundError);
    });
  });

  describe('AdoptionReader', () => {
    const reader = () => AdoptionReader.create({ knex, now: () => clock });

    it('counts current applications per base and cycle', async () => {
      const { items, totalApplications } = await reader().read({});
      expect(totalApplications).toBe(8);
      expect(
        items.map(item => [
          item.tier,
          item.base,
          item.cycle,
          item.applications,
          item.critical,
        ]),
      ).toEqual([
        ['bases', 'alpine', '3.21', 2, 2],
        ['bases', 'java', '3.21', 1, 0],
        ['mirrors', 'alpine', '3.21', 1, 0],
        ['scratch', null, null, 1, 0],
        ['unknown', null, null, 1, 0],
        ['upstream', 'docker.io/library/alpine', '3.21', 1, 0],
        ['upstream', 'quay.io/x/y', null, 1, 0],
      ]);
    });

    it('tells the repository, the first end of life and how many are past it', async () => {
      const others = [
        ['reg.test/bases/alpine:3.21.4-core1.0.0', '2026-05-01', 'ended'],
        ['reg.test/old/alpine:3.21.4-core1.0.0', null, 'ending'],
      ] as const;
      const told = async () =>
        (await reader().read({})).items.map(item => [
          item.base,
          item.repository,
          item.eolDate,
          item.ended,
          item.ending,
        ]);
      const alpine = (await told())[0];
      expect(alpine).toEqual([
        'alpine',
        'reg.test/bases/alpine',
        '2026-11-01',
        2,
        0,
      ]);
      expect((await told()).slice(3)).toEqual([
        [null, null, '2026-11-01', 0, 0],
        [null, null, '2026-11-01', 0, 0],
        [
          'docker.io/library/alpine',
          'docker.io/library/alpine',
          '2026-11-01',
          0,
          0,
        ],
        ['quay.io/x/y', 'quay.io/x/y', '2026-11-01', 0, 0],
      ]);
      const seen = [];
      for (const [reference, eolDate, support] of others) {
        await knex('base_use').insert(baseUse({ reference }));
        const use = await knex('base_use').orderBy('id', 'desc').first('id');
        await knex('verdict').insert(
          verdict({
            base_use_id: use.id,
            name: 'alpine',
            eol_date: eolDate,
            support,
          }),
        );
        const judged = await knex('verdict').orderBy('id', 'desc').first('id');
        await knex('application').insert(
          application({ repository: reference, verdict_id: judged.id }),
        );
        seen.push((await told())[0]);
      }
      expect(seen).toEqual([
        ['alpine', 'reg.test/bases/alpine', '2026-05-01', 3, 0],
        ['alpine', null, '2026-05-01', 3, 1],
      ]);
    });

    it('keeps the last look of each day', async () => {
      await reader().keepToday();
      await knex('application')
        .where({ repository: 'reg.test/apps/b' })
        .delete();
      await reader().keepToday();
      clock = new Date('2026-06-03T10:00:00.000Z');
      await knex('application')
        .where({ repository: 'reg.test/apps/shop' })
        .delete();
      const { history } = await reader().read(
        {},
        group => group.base === 'alpine',
      );
      expect(
        history.map(({ day, items }) => [
          day,
          items.map(item => [item.tier, item.applications]),
        ]),
      ).toEqual([
        [
          '2026-06-01',
          [
            ['bases', 1],
            ['mirrors', 1],
          ],
        ],
        ['2026-06-03', [['mirrors', 1]]],
      ]);
      expect((await reader().read({ days: 1 })).history).toHaveLength(1);
    });
  });

  describe('TransitionReader', () => {
    const list = (query: object = {}, base?: string) =>
      TransitionReader.create({ knex }).list(
        query,
        base === undefined
          ? undefined
          : parseBaseFilter(
              base,
              name => name,
              () => undefined,
            ),
      );

    it('shows changes newest first, page by page', async () => {
      const first = await list({ limit: 2 });
      expect(first.items).toMatchObject([
        { base: JAVA, cause: 'third', applications: 1 },
        {
          base: BASE,
          name: 'alpine',
          from: { status: 'ok', freshness: 'current' },
          to: { status: 'critical', freshness: 'outdated' },
          cause: 'second',
          at: '2026-05-02T00:00:00.000Z',
          applications: 2,
        },
      ]);
      expect(first.totalItems).toBe(3);
      const { nextCursor: cursor } = first.pageInfo;
      const second = await list({ limit: 2, cursor });
      expect(second.items.map(({ cause }) => cause)).toEqual(['first']);
      expect(second.pageInfo).toEqual({ prevCursor: expect.any(String) });
      const back = await list({
        limit: 2,
        cursor: second.pageInfo.prevCursor,
      });
      expect(back).toEqual(first);
    });

    it('goes back page by page', async () => {
      const causes = async (cursor: string | undefined) => {
        const page = await list({ limit: 1, cursor });
        return { ...page.pageInfo, cause: page.items[0].cause };
      };
      const first = await causes(undefined);
      const second = await causes(first.nextCursor);
      const third = await causes(second.nextCursor);
      expect(third).toEqual({ cause: 'first', prevCursor: expect.anything() });
      expect(await causes(third.prevCursor)).toEqual(second);
      expect(await causes(second.prevCursor)).toEqual(first);
      expect(first).not.toHaveProperty('prevCursor');
    });

    it.each([
      [BASE, ['second', 'first']],
      ['reg.test/bases/alpine', ['second', 'first']],
      ['alpine', ['second', 'first']],
      ['alpine:3.21', ['second', 'first']],
      ['alpine:3.20', []],
      [JAVA, ['third']],
    ])('shows those of %s', async (base, causes) => {
      const { items, totalItems } = await list({}, base);
      expect(items.map(({ cause }) => cause)).toEqual(causes);
      expect(totalItems).toBe(causes.length);
    });
  });
});

async function fill(knex: Knex): Promise<void> {
  await knex('mirror_tag').insert(mirrorTag());
  await knex('base_tag').insert([
    baseTag({ status: 'ok' }),
    baseTag({
      name: 'java',
      repository: 'reg.test/bases/java',
      mirror_reference: BASE,
    }),
  ]);
  const use = async (
    change: Parameters<typeof baseUse>[0],
    judged: object,
  ): Promise<number> => {
    await knex('base_use').insert(baseUse(change));
    const row = await knex('base_use').orderBy('id', 'desc').first('id');
    await knex('verdict').insert(verdict({ base_use_id: row.id, ...judged }));
    return (await knex('verdict').orderBy('id', 'desc').first('id')).id;
  };
  const nothing = { product: null, cycle: null };
  const onBase = await use(
    {},
    {
      name: 'alpine',
      status: 'critical',
      freshness: 'outdated',
      support: 'ended',
    },
  );
  const onJava = await use(
    { reference: JAVA },
    { name: 'java', ...nothing, os_product: 'alpine-linux', os_cycle: '3.21' },
  );
  const onMirror = await use(
    { reference: MIRROR, digest: '', tier: 'mirrors' },
    { name: 'alpine' },
  );
  const onUpstream = await use(
    { reference: UPSTREAM, digest: '', tier: 'other' },
    {},
  );
  const onFar = await use(
    { reference: 'quay.io/x/y:1', digest: '', tier: 'other' },
    nothing,
  );
  const onScratch = await use(
    { reference: '', digest: '', tier: 'none' },
    nothing,
  );
  const onUnknown = await use({ reference: '?', digest: '' }, nothing);
  const app = (name: string, base: string | null, verdictId: number) =>
    application({
      repository: `reg.test/apps/${name}`,
      base_reference: base,
      verdict_id: verdictId,
      owner: 'group:default/a',
    });
  await knex('application').insert([
    app('shop', BASE, onBase),
    app('b', BASE, onBase),
    { ...app('old', BASE, onBase), state: 'earlier' },
    app('java', JAVA, onJava),
    app('direct', MIRROR, onMirror),
    app('raw', UPSTREAM, onUpstream),
    app('far', 'quay.io/x/y:1', onFar),
    app('scratch', null, onScratch),
    app('who', null, onUnknown),
  ]);
  const moved = {
    verdict_id: onBase,
    reference: BASE,
    from_status: 'ok',
    to_status: 'critical',
    from_freshness: 'current',
    to_freshness: 'outdated',
  };
  await knex('transition').insert([
    { ...moved, cause: 'first', at: '2026-05-01T00:00:00.000Z' },
    { ...moved, cause: 'second', at: '2026-05-02T00:00:00.000Z' },
    {
      ...moved,
      verdict_id: onJava,
      reference: JAVA,
      cause: 'third',
      at: '2026-05-03T00:00:00.000Z',
    },
  ]);
}
