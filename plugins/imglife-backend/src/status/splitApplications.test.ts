import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import type { ApplicationFacts } from '../applications/ApplicationStore';
import { DatabaseApplicationStore } from '../applications/DatabaseApplicationStore';
import { connectDatabase } from '../database/connectDatabase';
import { definitions } from './__fixtures__/definitions';
import { baseTag, mirrorTag } from './__fixtures__/rows';
import { StubLifecycle } from './__fixtures__/StubLifecycle';
import { AdoptionReader } from './AdoptionReader';
import { DatabaseStatusStore } from './DatabaseStatusStore';
import { DefaultStatusRecomputer } from './DefaultStatusRecomputer';
import { LineageReader } from './LineageReader';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const BASES = 'reg.test/bases/alpine';
const OLD = `${BASES}:3.21.3-core1.0.0`;
const NEW = `${BASES}:3.24.1-core1.0.0`;
const NOW = new Date('2026-05-10T12:00:00.000Z');
const SHOP = 'reg.test/apps/shop';
const current = { per: 'repository', maxAgeDays: 180 } as const;

function base(tag: string) {
  return {
    reference: `${BASES}:${tag}`,
    digest: `sha256:${tag}`,
    name: 'alpine',
    version: tag,
  };
}

function facts(change: Partial<ApplicationFacts> = {}): ApplicationFacts {
  return {
    repository: SHOP,
    tag: '1.0.0',
    digest: 'sha256:app',
    platforms: ['linux/amd64', 'linux/arm64'],
    base: base('3.24.1-core1.0.0'),
    platformBases: [
      {
        platform: 'linux/amd64',
        base: base('3.24.1-core1.0.0'),
        tier: 'bases',
      },
      {
        platform: 'linux/arm64',
        base: base('3.21.3-core1.0.0'),
        tier: 'bases',
      },
    ],
    detection: {
      method: 'chain',
      confidence: 'low',
      mismatch: false,
      candidates: [NEW, OLD],
    },
    fields: {},
    builtAt: '2026-05-01T00:00:00.000Z',
    ...change,
  };
}

describe.each(databases.eachSupportedId())(
  'images whose platforms stand on different bases on %s',
  id => {
    let knex: Knex;
    let applications: DatabaseApplicationStore;
    let store: DatabaseStatusStore;
    let lifecycle: StubLifecycle;
    let now: Date;

    beforeEach(async () => {
      knex = await connectDatabase(
        mockServices.database({ knex: await databases.init(id) }),
      );
      applications = DatabaseApplicationStore.create({ knex });
      store = DatabaseStatusStore.create({ knex, now: () => NOW });
      lifecycle = new StubLifecycle();
      lifecycle.eolDates.set('3.21', '2026-11-01');
      lifecycle.eolDates.set('3.24', '2028-06-01');
      now = NOW;
      await knex('mirror_tag').insert(mirrorTag({}));
      await knex('base_tag').insert([
        baseTag(),
        baseTag({ tag: '3.24.1-core1.0.0', cycle: '3.24' }),
      ]);
      for (const tag of ['3.21.3-core1.0.0', '3.24.1-core1.0.0']) {
        await knex('image_digest').insert({
          tier: 'bases',
          name: 'alpine',
          repository: BASES,
          tag,
          root_digest: `sha256:${tag}`,
          digest: `sha256:${tag}`,
          platform: '',
          layers: 2,
          published_at: '2026-02-01T00:00:00.000Z',
        });
      }
    });

    afterEach(() => knex.destroy());

    const recompute = () =>
      DefaultStatusRecomputer.create({
        knex,
        lifecycle,
        definitions: definitions({}),
        now: () => now,
        logger: mockServices.logger.mock(),
      }).recompute('test', { recount: true });

    async function register(change: Partial<ApplicationFacts> = {}) {
      const registered = facts(change);
      const use = registered.base!;
      const answer = await applications.register({
        facts: registered,
        use: { reference: use.reference, digest: use.digest!, tier: 'bases' },
        mapping: {},
        actor: 'ci',
        now,
        current,
      });
      await recompute();
      return answer;
    }

    const row = async () => (await store.application(SHOP, '1.0.0'))!;
    const found = async (query: object, tag?: string) =>
      (
        await store.applications(
          query,
          tag ? { repository: BASES, tag } : undefined,
        )
      ).items.map(({ reference }) => reference);

    it('shows the worst, follows it, and judges each', async () => {
      await register();
      // both supported: the hint that a newer cycle exists is no fault
      expect(await row()).toMatchObject({
        base: { reference: OLD },
        status: 'ok',
      });
      now = new Date('2026-11-01T00:00:00.000Z');
      await recompute();
      expect(await row()).toMatchObject({
        base: { reference: OLD, digest: 'sha256:3.21.3-core1.0.0' },
        support: 'ended',
        status: 'critical',
        violations: ['ended'],
        platformBases: [
          {
            platform: 'linux/amd64',
            base: { reference: NEW },
            support: 'supported',
            status: 'ok',
            violations: [],
          },
          {
            platform: 'linux/arm64',
            base: { reference: OLD },
            support: 'ended',
            eolDate: '2026-11-01',
            status: 'critical',
            violations: ['ended'],
          },
        ],
        notes: [
          `the platforms stand on different bases, of which the worst is shown: linux/amd64 on ${NEW} (ok), linux/arm64 on ${OLD} (critical)`,
        ],
      });
      await knex('base_tag')
        .where({ tag: '3.24.1-core1.0.0' })
        .update({
          withdrawal: JSON.stringify({
            reason: 'bad',
            replacement: null,
            at: now.toISOString(),
            by: 'user:default/ada',
          }),
          state: 'withdrawn',
        });
      await knex('cycle').delete();
      lifecycle.eolDates.delete('3.21');
      await recompute();
      expect(await row()).toMatchObject({
        base: { reference: NEW },
        freshness: 'withdrawn',
        status: 'critical',
      });
    });

    it('stays as it is when registered again, and is one row', async () => {
      expect(await register()).toMatchObject({ created: true });
      const before = await row();
      expect(await register()).toMatchObject({ created: false });
      expect(await row()).toEqual(before);
      await register({ digest: 'sha256:next', platformBases: undefined });
      expect(await row()).toMatchObject({
        base: { reference: NEW },
        platformBases: null,
        notes: [],
      });
      expect(await knex('application_platform')).toEqual([]);
    });

    it('is found, counted and protected under each of its bases', async () => {
      await register();
      await recompute();
      const shop = [`${SHOP}:1.0.0`];
      expect(await found({}, '3.21.3-core1.0.0')).toEqual(shop);
      expect(await found({}, '3.24.1-core1.0.0')).toEqual(shop);
      expect(await found({}, '3.19.0-core1.0.0')).toEqual([]);
      expect(await found({ cycle: '3.24' })).toEqual(shop);
      expect(await found({ cycle: '3.24', status: 'ok' })).toEqual(shop);
      expect(await found({ cycle: '3.24', status: 'critical' })).toEqual([]);
      const usedBy = await knex('base_tag').orderBy('tag').select('used_by');
      expect(usedBy.map(({ used_by }) => used_by)).toEqual([1, 1]);

      const lineage = LineageReader.create({ knex });
      for (const reference of [OLD, NEW]) {
        const { applications: built } = await lineage.read({ reference });
        expect(built.items.map(image => image.reference)).toEqual(shop);
      }
      const { builtOn } = await lineage.read({ reference: shop[0] });
      expect(
        builtOn.filter(({ tier }) => tier === 'bases').map(b => b.reference),
      ).toEqual([OLD, NEW]);

      const reader = AdoptionReader.create({ knex, now: () => now });
      const adoption = await reader.read({}, group => group.base === 'alpine');
      expect(adoption.totalApplications).toBe(1);
      expect((await reader.read({})).totalApplications).toBe(1);
      expect(
        adoption.items.map(({ cycle, applications: n }) => [cycle, n]).sort(),
      ).toEqual([
        ['3.21', 1],
        ['3.24', 1],
      ]);
    });

    it('forgets the platforms with the row', async () => {
      await register();
      await applications.forget(
        { repository: SHOP, tag: '1.0.0' },
        { now, current },
      );
      expect(await knex('application_platform')).toEqual([]);
    });

    it('exempts a platform by the base it stands on', async () => {
      await register();
      now = new Date('2026-11-01T00:00:00.000Z');
      await recompute();
      expect((await row()).violations).toEqual(['ended']);
      await applications.exempt(
        [{ base: OLD, until: '2026-12-31', reason: 'moving' }],
        now,
      );
      await recompute();
      expect(await row()).toMatchObject({
        base: { reference: OLD },
        violations: [],
        exemption: { until: '2026-12-31', reason: 'moving' },
        platformBases: [{ violations: [] }, { violations: [] }],
      });
    });
  },
);
