import { setTimeout as sleep } from 'node:timers/promises';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import type {
  ApplicationTable,
  BaseUseTable,
  ImageDigestTable,
  MirrorTagTable,
  RegistrationTable,
  VerdictTable,
} from '../database/tables';
import type { ApplicationFacts, NewRegistration } from './ApplicationStore';
import { DatabaseApplicationStore } from './DatabaseApplicationStore';

jest.setTimeout(60_000);

const SHOP = 'reg.test/apps/shop';
const BASE = 'reg.test/bases/alpine:3.21.3-core1.0.0';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

function facts(change: Partial<ApplicationFacts> = {}): ApplicationFacts {
  return {
    repository: SHOP,
    tag: '1.0.0',
    digest: 'sha256:app',
    platforms: ['linux/amd64'],
    base: {
      reference: BASE,
      digest: 'sha256:base',
      name: 'alpine',
      version: '3.21.3-core1.0.0',
    },
    detection: {
      method: 'chain',
      confidence: 'confirmed',
      mismatch: false,
      candidates: [],
    },
    revision: 'a3f8b1c',
    project: 'team/shop',
    declaredEntityRef: 'component:default/shop',
    fields: { job: '1', url: '2' },
    builtAt: '2026-06-01T00:00:00.000Z',
    ...change,
  };
}

function registration(
  change: Partial<ApplicationFacts> = {},
  rest: Partial<NewRegistration> = {},
): NewRegistration {
  return {
    facts: facts(change),
    use: { reference: BASE, digest: 'sha256:base', tier: 'bases' },
    mapping: { entityRef: 'component:default/shop', owner: 'group:default/a' },
    actor: 'external:ci',
    now: new Date('2026-06-02T00:00:00.000Z'),
    current: { per: 'repository', maxAgeDays: 180 },
    ...rest,
  };
}

describe.each(databases.eachSupportedId())(
  'DatabaseApplicationStore on %s',
  id => {
    const isPostgres = id.startsWith('POSTGRES');
    let knex: Knex;
    let store: DatabaseApplicationStore;

    beforeEach(async () => {
      knex = await connectDatabase(
        mockServices.database({ knex: await databases.init(id) }),
      );
      store = DatabaseApplicationStore.create({ knex });
    });

    afterEach(() => knex.destroy());

    const rows = () => knex<ApplicationTable>('application').orderBy('id');
    const history = () => knex<RegistrationTable>('registration').orderBy('id');

    async function states() {
      return Object.fromEntries(
        (await rows()).map(row => [row.tag, row.state]),
      );
    }

    async function exemptionOfRow() {
      const [{ verdict_id }] = await rows();
      const verdict = await knex<VerdictTable>('verdict')
        .where({ id: verdict_id! })
        .first();
      return verdict!.exemption;
    }

    it('forgets a row and nothing else, once', async () => {
      const rule = {
        now: new Date('2026-06-03T00:00:00.000Z'),
        current: { per: 'repository', maxAgeDays: 180 } as const,
      };
      const newest = { repository: SHOP, tag: '1.0.0' };
      await store.register(registration());
      await store.register(
        registration({ tag: '0.9.0', builtAt: '2026-05-01T00:00:00.000Z' }),
      );
      expect(await states()).toEqual({
        '1.0.0': 'current',
        '0.9.0': 'earlier',
      });
      expect(await store.forget(newest, rule)).toBe(true);
      expect(await store.forget(newest, rule)).toBe(false);
      expect(await states()).toEqual({ '0.9.0': 'current' });
      expect((await history()).map(row => row.tag)).toEqual(['1.0.0', '0.9.0']);
      expect(await store.register(registration())).toMatchObject({
        created: true,
      });
      expect(await states()).toEqual({
        '1.0.0': 'current',
        '0.9.0': 'earlier',
      });
    });

    it('finds the bases of 60 layers among 100,000 chains by one query', async () => {
      await knex.raw(`
        WITH RECURSIVE n(i) AS (
          SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999
        )
        INSERT INTO image_digest (
          tier, name, repository, tag, root_digest, digest, platform, chain_id,
          layers, published_at
        )
        SELECT 'bases', 'alpine', 'reg.test/bases/alpine', 't' || i,
          'sha256:root' || i, 'sha256:' || i, 'linux/amd64',
          'sha256:chain' || i, 1, '2026-01-01T00:00:00.000Z'
        FROM n
      `);
      const statements: string[] = [];
      const count = ({ sql }: { sql: string }) => statements.push(sql);
      knex.on('query', count);
      const found = await store.findKnownImages({
        chainIds: Array.from(
          { length: 60 },
          (_, at) => `sha256:chain${at * 7}`,
        ),
        digests: ['sha256:99999'],
        references: [{ repository: 'reg.test/bases/alpine', tag: 't3' }],
      });
      knex.removeListener('query', count);
      expect(found).toHaveLength(62);
      expect(statements).toHaveLength(1);
    });

    it('gives stored rows the exemptions of now', async () => {
      const now = new Date('2026-06-03T00:00:00.000Z');
      await store.register(registration());
      await store.register(
        registration({
          repository: 'reg.test/apps/cart',
          project: 'team/cart',
        }),
      );
      const exempt = (change: object) => ({
        until: '2026-12-31',
        reason: 'moving',
        ...change,
      });
      const exempted = async () =>
        Object.fromEntries(
          (
            await knex('application')
              .join('verdict', 'verdict.id', 'application.verdict_id')
              .select('application.repository', 'verdict.exemption')
          ).map(row => [
            row.repository.split('/').at(-1),
            row.exemption && JSON.parse(row.exemption).reason,
          ]),
        );
      for (const [patterns, expected, changed] of [
        [[{ image: SHOP }], { shop: 'moving', cart: '' }, 1],
        [[{ image: SHOP }], { shop: 'moving', cart: '' }, 0],
        [[{ project: 'team/*' }], { shop: 'moving', cart: 'moving' }, 1],
        [[{ project: 'team/cart' }], { shop: '', cart: 'moving' }, 1],
        [
          [{ image: SHOP, base: 'reg.test/bases/a*:3.21*', reason: 'base' }],
          { shop: 'base', cart: '' },
          2,
        ],
        [[{ image: 'reg.test/apps/sh' }], { shop: '', cart: '' }, 1],
        [[{ image: SHOP, until: '2026-06-02' }], { shop: '', cart: '' }, 0],
        [[{ base: '*' }], { shop: 'moving', cart: 'moving' }, 2],
        [[], { shop: '', cart: '' }, 2],
      ] as const) {
        expect(
          await store.exempt(
            patterns.map(pattern => exempt(pattern)),
            now,
          ),
        ).toBe(changed);
        expect(await exempted()).toEqual(expected);
      }
    });

    it('stores facts, history and what the image stands on', async () => {
      expect(await store.register(registration())).toEqual({
        created: true,
        usesChanged: true,
      });
      const [row] = await rows();
      expect(row).toEqual({
        id: expect.any(Number),
        repository: SHOP,
        tag: '1.0.0',
        digest: 'sha256:app',
        platforms: '["linux/amd64"]',
        base_reference: BASE,
        base_digest: 'sha256:base',
        base_name: 'alpine',
        base_version: '3.21.3-core1.0.0',
        detection: JSON.stringify(facts().detection),
        state: 'current',
        discovered: isPostgres ? false : 0,
        squashed: isPostgres ? false : 0,
        verdict_id: expect.any(Number),
        revision: 'a3f8b1c',
        project: 'team/shop',
        declared_entity_ref: 'component:default/shop',
        entity_ref: 'component:default/shop',
        owner: 'group:default/a',
        fields: '{"job":"1","url":"2"}',
        facts_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        built_at: '2026-06-01T00:00:00.000Z',
        registered_at: '2026-06-02T00:00:00.000Z',
        registered_by: 'external:ci',
      });
      const [use] = await knex<BaseUseTable>('base_use');
      const [verdict] = await knex<VerdictTable>('verdict');
      expect(use).toMatchObject({
        reference: BASE,
        digest: 'sha256:base',
        tier: 'bases',
      });
      expect(verdict).toMatchObject({
        id: row.verdict_id,
        base_use_id: use.id,
        exemption: '',
        since: '2026-06-02T00:00:00.000Z',
      });
      const kept = await history();
      expect(kept).toHaveLength(1);
      expect(kept[0]).toMatchObject({
        repository: SHOP,
        tag: '1.0.0',
        facts_hash: row.facts_hash,
        registered_by: 'external:ci',
      });
      expect(await store.findFacts(SHOP, '1.0.0')).toEqual(facts());
      expect(await store.findFacts(SHOP, '1.0.1')).toBeUndefined();
    });

    it('takes what is missing for null, and not for text', async () => {
      await store.register(
        registration(
          {
            digest: undefined,
            base: undefined,
            revision: undefined,
            project: undefined,
            declaredEntityRef: undefined,
            builtAt: undefined,
          },
          {
            use: { reference: '', digest: '', tier: 'none' },
            mapping: {},
          },
        ),
      );
      expect((await rows())[0]).toMatchObject({
        digest: null,
        base_reference: null,
        base_digest: null,
        base_name: null,
        base_version: null,
        revision: null,
        project: null,
        declared_entity_ref: null,
        entity_ref: null,
        owner: null,
        built_at: null,
      });
    });

    it('changes nothing by the same facts, in whatever order of keys', async () => {
      await store.register(registration());
      const before = await rows();
      const again = registration(
        { fields: { url: '2', job: '1' }, revision: 'a3f8b1c' },
        { actor: 'someone else', now: new Date('2026-06-09T00:00:00.000Z') },
      );
      expect(await store.register(again)).toEqual({
        created: false,
        usesChanged: false,
      });
      expect(await rows()).toEqual(before);
      expect(await history()).toHaveLength(1);
    });

    it.each<[string, Partial<ApplicationFacts>]>([
      ['digest', { digest: 'sha256:other' }],
      ['platforms', { platforms: ['linux/amd64', 'linux/arm64'] }],
      ['base', { base: { reference: `${BASE}.1` } }],
      ['base digest', { base: { ...facts().base!, digest: 'sha256:moved' } }],
      ['detection', { detection: { ...facts().detection, mismatch: true } }],
      ['revision', { revision: 'b' }],
      ['project', { project: undefined }],
      ['entity', { declaredEntityRef: 'component:default/other' }],
      ['fields', { fields: { job: '1' } }],
      ['date', { builtAt: '2026-06-01T00:00:00.001Z' }],
    ])('keeps the earlier state when this is new: %s', async (_, change) => {
      await store.register(registration());
      const later = registration(change, {
        actor: 'external:other',
        now: new Date('2026-06-03T00:00:00.000Z'),
      });
      expect(await store.register(later)).toMatchObject({ created: true });
      expect(await rows()).toHaveLength(1);
      expect((await rows())[0]).toMatchObject({
        registered_at: '2026-06-03T00:00:00.000Z',
        registered_by: 'external:other',
      });
      const kept = (await history()).map(row => JSON.parse(row.facts));
      expect(kept).toEqual([
        facts(),
        JSON.parse(JSON.stringify(facts(change))),
      ]);
      expect(await store.findFacts(SHOP, '1.0.0')).toEqual(kept[1]);
    });

    it('shares uses and verdicts, and parts them by digest and exemption', async () => {
      const exemption = { until: '2026-12-31', reason: 'frozen' };
      const use = registration().use;
      await store.register(registration());
      expect(await store.register(registration({ tag: '1.0.1' }))).toEqual({
        created: true,
        usesChanged: false,
      });
      for (const rest of [
        { use: { ...use, digest: 'sha256:moved' } },
        { use: { ...use, reference: '' } },
        { exemption },
      ]) {
        expect(
          await store.register(registration({ tag: '1.0.2' }, rest)),
        ).toMatchObject({ usesChanged: true });
      }
      expect(await knex('base_use')).toHaveLength(3);
      expect(await knex('verdict')).toHaveLength(4);
    });

    it('lets exemption and owner follow without a new registration', async () => {
      const exemption = { until: '2026-12-31', reason: 'frozen' };
      await store.register(registration());
      expect(await exemptionOfRow()).toBe('');
      const answer = await store.register(
        registration({}, { exemption, mapping: { owner: 'group:default/b' } }),
      );
      expect(answer).toEqual({ created: false, usesChanged: true });
      expect(JSON.parse(await exemptionOfRow())).toEqual(exemption);
      expect((await rows())[0]).toMatchObject({
        entity_ref: null,
        owner: 'group:default/b',
      });
      await store.register(registration());
      expect(await exemptionOfRow()).toBe('');
      expect(await history()).toHaveLength(1);
    });

    it('keeps one current row per repository, the newest by build', async () => {
      const other = 'reg.test/apps/other';
      await store.register(registration({ tag: 'a' }));
      await store.register(registration({ tag: 'o', repository: other }));
      await store.register(
        registration({ tag: 'b', builtAt: '2026-06-02T00:00:00.000Z' }),
      );
      expect(await states()).toEqual({
        a: 'earlier',
        b: 'current',
        o: 'current',
      });
      await store.register(
        registration({ tag: 'c', builtAt: '2026-05-02T00:00:00.000Z' }),
      );
      expect(await states()).toMatchObject({ b: 'current', c: 'earlier' });
      await store.register(
        registration({ tag: 'a', builtAt: '2026-06-03T00:00:00.000Z' }),
      );
      expect(await states()).toMatchObject({ a: 'current', b: 'earlier' });
    });

    it('keeps a line per major where that is the rule', async () => {
      const current = { per: 'major' as const, maxAgeDays: 180 };
      for (const [tag, day] of [
        ['1.0.0', '01'],
        ['1.1.0', '02'],
        ['2.0.0', '01'],
      ]) {
        const builtAt = `2026-06-${day}T00:00:00.000Z`;
        await store.register(registration({ tag, builtAt }, { current }));
      }
      expect(await states()).toEqual({
        '1.0.0': 'earlier',
        '1.1.0': 'current',
        '2.0.0': 'current',
      });
    });

    it('does not take for current what was built too long ago', async () => {
      const current = { per: 'tag' as const, maxAgeDays: 1 };
      const builtAt = (text: string) =>
        registration({ tag: text, builtAt: text }, { current });
      await store.register(builtAt('2026-05-31T23:59:59.999Z'));
      await store.register(builtAt('2026-06-01T00:00:00.000Z'));
      expect(Object.values(await states())).toEqual(['earlier', 'current']);
    });

    it('retires what has grown too old, by build or else by registration', async () => {
      const current = { per: 'tag' as const, maxAgeDays: 180 };
      for (const builtAt of [
        '2026-05-31T23:59:59.999Z',
        '2026-06-01T00:00:00.000Z',
        undefined,
      ]) {
        const tag = builtAt?.slice(0, 10) ?? 'unknown';
        await store.register(registration({ tag, builtAt }, { current }));
      }
      expect(await store.retireBuiltBefore('2026-06-01T00:00:00.000Z')).toBe(1);
      expect(await states()).toEqual({
        '2026-05-31': 'earlier',
        '2026-06-01': 'current',
        unknown: 'current',
      });
      expect(await store.retireBuiltBefore('2026-06-02T00:00:00.000Z')).toBe(1);
      expect(await store.retireBuiltBefore('2026-06-02T00:00:00.001Z')).toBe(1);
      expect(await store.retireBuiltBefore('2026-06-02T00:00:00.001Z')).toBe(0);
    });

    it('stores equal facts that come at once only once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => store.register(registration())),
      );
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect(answers.filter(({ usesChanged }) => usesChanged)).toHaveLength(1);
      expect(await rows()).toHaveLength(1);
      expect(await history()).toHaveLength(1);
    });

    it('chooses one current row of all that come at once', async () => {
      const uses = [0, 1, 2].map(at => ({
        ...registration().use,
        digest: `sha256:${at}`,
      }));
      // New uses would make the registrations wait for one another.
      for (const use of uses) {
        await store.register(
          registration({ repository: 'reg.test/apps/other' }, { use }),
        );
      }
      const open = await closeGate();
      const days = Array.from({ length: 12 }, (_, at) => 10 + at);
      const registered = days.map(day =>
        store.register(
          registration(
            { tag: `t${day}`, builtAt: `2026-06-${day}T00:00:00.000Z` },
            { use: uses[day % 3] },
          ),
        ),
      );
      await open();
      await Promise.all(registered);
      const current = await rows().where({
        repository: SHOP,
        state: 'current',
      });
      expect(current.map(row => row.tag)).toEqual(['t21']);
      expect(await history().where({ repository: SHOP })).toHaveLength(12);
      expect(await knex('base_use')).toHaveLength(3);
    });

    /**
     * Holds back registrations between their first and their last statement,
     * so that all of them are under way when the gate opens. SQLite runs one
     * transaction at a time, whatever is done.
     */
    async function closeGate(): Promise<() => Promise<void>> {
      if (!isPostgres) {
        return async () => {};
      }
      const gate = await knex.transaction();
      await gate.raw('LOCK TABLE registration IN SHARE ROW EXCLUSIVE MODE');
      return async () => {
        await sleep(500);
        await gate.commit();
      };
    }

    if (isPostgres) {
      it('does not wait for a registration when it retires or maps', async () => {
        const current = { per: 'tag' as const, maxAgeDays: 180 };
        for (const tag of ['a', 'b', 'c']) {
          await store.register(registration({ tag }, { current }));
        }
        const held = await knex.transaction();
        await held('application').where({ tag: 'b' }).update({ revision: '1' });
        const date = '2026-06-01T00:00:00.001Z';
        expect(await store.remap(() => ({ owner: 'group:a/b' }))).toBe(2);
        expect(await store.retireBuiltBefore(date)).toBe(2);
        await held.commit();
        expect(await store.remap(() => ({ owner: 'group:a/b' }))).toBe(1);
        expect(await store.retireBuiltBefore(date)).toBe(1);
      }, 10_000);
    }

    it('maps every kind of image once, and tells how many rows changed', async () => {
      const none = { declaredEntityRef: undefined, project: undefined };
      await store.register(registration());
      await store.register(registration({ tag: '1.0.1' }));
      await store.register(
        registration({ ...none, tag: '1.0.2' }, { mapping: {} }),
      );
      await store.register(
        registration(
          { ...none, repository: 'reg.test/apps/cart' },
          { mapping: {} },
        ),
      );
      const map = jest.fn(({ repository, declared }) =>
        repository === SHOP
          ? { entityRef: declared ?? 'component:default/x', owner: 'group:a/b' }
          : {},
      );
      expect(await store.remap(map)).toBe(3);
      expect(map.mock.calls.map(([image]) => image)).toHaveLength(3);
      expect(map).toHaveBeenCalledWith({
        repository: SHOP,
        project: 'team/shop',
        declared: 'component:default/shop',
      });
      expect(map).toHaveBeenCalledWith({
        repository: SHOP,
        project: undefined,
        declared: undefined,
      });
      expect(
        (await rows()).map(row => [row.tag, row.entity_ref, row.owner]),
      ).toEqual([
        ['1.0.0', 'component:default/shop', 'group:a/b'],
        ['1.0.1', 'component:default/shop', 'group:a/b'],
        ['1.0.2', 'component:default/x', 'group:a/b'],
        ['1.0.0', null, null],
      ]);
      expect(await store.remap(map)).toBe(0);
      expect(await store.remap(() => ({}))).toBe(3);
    });

    describe('findKnownImages', () => {
      function known(change: Partial<ImageDigestTable>) {
        return {
          tier: 'mirrors' as const,
          name: 'alpine',
          repository: 'reg.test/mirrors/alpine',
          tag: '3.21',
          root_digest: 'sha256:index',
          digest: 'sha256:index',
          platform: '',
          chain_id: null,
          layers: 0,
          input_hash: null,
          published_at: '2026-01-01T00:00:00.000Z',
          ...change,
        };
      }

      beforeEach(async () => {
        await knex<ImageDigestTable>('image_digest').insert([
          known({}),
          known({ digest: 'sha256:amd64', platform: 'a', chain_id: 'chain-1' }),
          known({ digest: 'sha256:arm64', platform: 'b', chain_id: 'chain-2' }),
          known({ tag: '3.22', root_digest: 'sha256:r2', digest: 'sha256:r2' }),
          known({
            tier: 'bases',
            repository: 'reg.test/bases/alpine',
            root_digest: 'sha256:base',
            digest: 'sha256:base',
            chain_id: 'chain-3',
            input_hash: 'hash',
          }),
        ]);
        // PostgreSQL puts an updated row behind the others
        await knex<ImageDigestTable>('image_digest')
          .where({ digest: 'sha256:index' })
          .update({ published_at: '2026-01-01T00:00:00.000Z' });
        await knex<MirrorTagTable>('mirror_tag').insert({
          mirror: 'alpine',
          repository: 'reg.test/mirrors/alpine',
          tag: '3.21',
          upstream_repository: 'docker.io/library/alpine',
          upstream_tag: '3.21',
          state: 'current',
        });
      });

      const nothing = { chainIds: [], digests: [], references: [] };

      it.each([
        ['nothing', nothing, []],
        ['a chain', { chainIds: ['chain-2', 'x'] }, ['sha256:arm64']],
        ['a digest', { digests: ['sha256:amd64'] }, ['sha256:amd64']],
        [
          'a tag',
          {
            references: [
              { repository: 'reg.test/mirrors/alpine', tag: '3.22' },
            ],
          },
          ['sha256:r2'],
        ],
        [
          'a repository',
          { references: [{ repository: 'reg.test/mirrors/alpine' }] },
          ['sha256:index', 'sha256:amd64', 'sha256:arm64', 'sha256:r2'],
        ],
        [
          'any of them, each row once',
          {
            chainIds: ['chain-1'],
            digests: ['sha256:amd64', 'sha256:base'],
            references: [{ repository: 'reg.test/bases/alpine', tag: '3.21' }],
          },
          ['sha256:amd64', 'sha256:base'],
        ],
      ])('by %s', async (_, query, expected) => {
        const found = await store.findKnownImages({ ...nothing, ...query });
        expect(found.map(({ digest }) => digest)).toEqual(expected);
      });

      it('tells what detection needs', async () => {
        const found = await store.findKnownImages({
          ...nothing,
          chainIds: ['chain-1', 'chain-3'],
        });
        expect(found).toEqual([
          {
            tier: 'mirrors',
            name: 'alpine',
            repository: 'reg.test/mirrors/alpine',
            tag: '3.21',
            rootDigest: 'sha256:index',
            digest: 'sha256:amd64',
            chainId: 'chain-1',
            inputHash: undefined,
            publishedAt: '2026-01-01T00:00:00.000Z',
            upstream: { repository: 'docker.io/library/alpine', tag: '3.21' },
          },
          {
            tier: 'bases',
            name: 'alpine',
            repository: 'reg.test/bases/alpine',
            tag: '3.21',
            rootDigest: 'sha256:base',
            digest: 'sha256:base',
            chainId: 'chain-3',
            inputHash: 'hash',
            publishedAt: '2026-01-01T00:00:00.000Z',
          },
        ]);
      });
    });
  },
);
