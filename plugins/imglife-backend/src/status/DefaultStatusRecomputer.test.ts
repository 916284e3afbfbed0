import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import type {
  BaseTagTable,
  MirrorTagTable,
  TransitionTable,
  VerdictTable,
} from '../database/tables';
import { definitions } from './__fixtures__/definitions';
import {
  application,
  baseTag,
  baseUse,
  mirrorTag,
  verdict,
} from './__fixtures__/rows';
import { StubLifecycle } from './__fixtures__/StubLifecycle';
import { DefaultStatusRecomputer } from './DefaultStatusRecomputer';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const BASE = 'reg.test/bases/alpine:3.21.3-core1.0.0';
const NEWER = '3.21.7-core1.0.0';

describe.each(databases.eachSupportedId())(
  'DefaultStatusRecomputer on %s',
  id => {
    let knex: Knex;
    let lifecycle: StubLifecycle;
    let now: Date;

    beforeEach(async () => {
      knex = await connectDatabase(
        mockServices.database({ knex: await databases.init(id) }),
      );
      lifecycle = new StubLifecycle();
      lifecycle.eolDates.set('3.21', '2026-11-01');
      lifecycle.eolDates.set('3.24', '2028-06-01');
      now = new Date('2026-05-10T12:00:00.000Z');
    });

    afterEach(() => knex.destroy());

    const recomputer = (policy = {}) =>
      DefaultStatusRecomputer.create({
        knex,
        lifecycle,
        definitions: definitions(policy),
        now: () => now,
        logger: mockServices.logger.mock(),
      });

    async function useBase(change = {}, judged = {}): Promise<number> {
      await knex('base_use').insert(baseUse(change));
      const use = await knex('base_use').orderBy('id', 'desc').first('id');
      await knex('verdict').insert(verdict({ base_use_id: use.id, ...judged }));
      const row = await knex('verdict').orderBy('id', 'desc').first('id');
      return row.id;
    }

    const verdicts = () => knex<VerdictTable>('verdict').orderBy('id');
    const transitions = () => knex<TransitionTable>('transition').orderBy('id');

    async function bases() {
      const rows = await knex<BaseTagTable>('base_tag').orderBy('id');
      return Object.fromEntries(rows.map(row => [row.tag, row]));
    }

    it('judges mirrors, and completes cycles that were not known', async () => {
      await knex('mirror_tag').insert([
        mirrorTag({ product: null, cycle: null, support: 'unknown' }),
        mirrorTag({ tag: '3.19.1', state: 'failed', cycle: '3.19' }),
        mirrorTag({
          mirror: 'gone',
          repository: 'reg.test/mirrors/gone',
          product: null,
          cycle: null,
        }),
      ]);
      await recomputer().recompute('test', { recount: true });
      const rows = await knex<MirrorTagTable>('mirror_tag').orderBy('id');
      expect(rows).toMatchObject([
        {
          product: 'alpine-linux',
          cycle: '3.21',
          support: 'supported',
          eol_date: '2026-11-01',
          status: 'ok',
          status_rank: 3,
        },
        { cycle: '3.19', support: 'unknown', status: 'critical' },
        { product: null, support: 'unknown', status: 'unknown' },
      ]);
    });

    it('judges bases by what is newer, and retires what nobody uses', async () => {
      await knex('base_tag').insert([
        baseTag(),
        baseTag({ tag: '3.21.5-core1.0.0' }),
        baseTag({ tag: NEWER, published_at: '2026-05-02T00:00:00.000Z' }),
        baseTag({ tag: '3.24.1-core1.0.0', cycle: '3.24' }),
        baseTag({ tag: '3.21.9-core1.0.0', state: 'failed', digest: null }),
      ]);
      const used = await useBase();
      await knex('application').insert([
        application({ verdict_id: used }),
        application({ repository: 'reg.test/apps/b', verdict_id: used }),
        application({ tag: '0.9', state: 'earlier', verdict_id: used }),
      ]);
      await recomputer().recompute('test', { recount: true });
      expect(await bases()).toMatchObject({
        '3.21.3-core1.0.0': {
          state: 'published',
          used_by: 2,
          freshness: 'outdated',
          outdated_since: '2026-02-01',
          latest: 'reg.test/bases/alpine:3.24.1-core1.0.0',
          latest_in_cycle: `reg.test/bases/alpine:${NEWER}`,
          status: 'critical',
        },
        '3.21.5-core1.0.0': { state: 'retired', used_by: 0 },
        [NEWER]: { state: 'published', freshness: 'superseded', status: 'ok' },
        '3.24.1-core1.0.0': { freshness: 'current', eol_date: '2028-06-01' },
        '3.21.9-core1.0.0': {
          state: 'failed',
          status: 'critical',
          status_rank: 0,
        },
      });

      await knex('application').update({ state: 'earlier' });
      await recomputer().recompute('test', { recount: true });
      expect((await bases())['3.21.3-core1.0.0']).toMatchObject({
        state: 'retired',
        used_by: 0,
      });
    });

    it('stores a change of verdict once, with its cause, and no first verdict', async () => {
      await knex('base_tag').insert(baseTag());
      await knex('image_digest').insert({
        tier: 'bases',
        name: 'alpine',
        repository: 'reg.test/bases/alpine',
        tag: '3.21.3-core1.0.0',
        root_digest: 'sha256:3.21.3-core1.0.0',
        digest: 'sha256:3.21.3-core1.0.0',
        platform: '',
        layers: 2,
        published_at: '2026-02-01T00:00:00.000Z',
      });
      await useBase();
      await recomputer().recompute('start');
      expect(await verdicts()).toMatchObject([
        {
          name: 'alpine',
          freshness: 'current',
          status: 'ok',
          violations: '[]',
          since: '2026-05-10T12:00:00.000Z',
          judged_at: '2026-05-10T12:00:00.000Z',
        },
      ]);
      expect(await transitions()).toEqual([]);

      now = new Date('2026-05-11T12:00:00.000Z');
      await knex('base_tag').insert(
        baseTag({ tag: NEWER, published_at: '2026-05-11T11:00:00.000Z' }),
      );
      await recomputer().recompute('base published');
      await recomputer().recompute('again');
      expect(await verdicts()).toMatchObject([
        {
          freshness: 'outdated',
          outdated_since: '2026-05-11',
          latest_in_cycle: `reg.test/bases/alpine:${NEWER}`,
          violations: '["outdated"]',
          since: '2026-05-11T12:00:00.000Z',
          judged_at: '2026-05-10T12:00:00.000Z',
        },
      ]);
      expect(await transitions()).toMatchObject([
        {
          reference: BASE,
          from_status: 'ok',
          to_status: 'critical',
          from_freshness: 'current',
          to_freshness: 'outdated',
          cause: 'base published',
          at: '2026-05-11T12:00:00.000Z',
        },
      ]);
    });

    it('writes nothing when nothing changed', async () => {
      await knex('mirror_tag').insert(mirrorTag());
      await knex('base_tag').insert(baseTag());
      await useBase();
      await recomputer().recompute('first');
      const writes: string[] = [];
      knex.on('query', ({ sql }) => {
        if (/^\s*(update|insert)/i.test(sql)) {
          writes.push(sql);
        }
      });
      await recomputer().recompute('second');
      expect(writes).toEqual([]);
    });

    it('counts grace, and again when it is over', async () => {
      await knex('base_tag').insert([
        baseTag(),
        baseTag({ tag: NEWER, published_at: '2026-05-02T00:00:00.000Z' }),
      ]);
      await useBase();
      const graceful = recomputer({ graceDays: 14 });
      await graceful.recompute('start');
      expect(await verdicts()).toMatchObject([
        {
          freshness: 'outdated',
          grace_until: '2026-05-16',
          violations: '[]',
          status: 'warning',
        },
      ]);
      now = new Date('2026-05-17T00:00:00.000Z');
      await graceful.recompute('midnight');
      expect(await verdicts()).toMatchObject([
        { grace_until: null, violations: '["outdated"]', status: 'critical' },
      ]);
    });

    it('counts an exemption to its last day', async () => {
      await knex('base_tag').insert([baseTag(), baseTag({ tag: NEWER })]);
      await useBase(
        {},
        { exemption: '{"until":"2026-05-10","reason":"vendor"}' },
      );
      await recomputer().recompute('start');
      expect((await verdicts())[0].violations).toBe('[]');
      now = new Date('2026-05-11T00:00:00.000Z');
      await recomputer().recompute('midnight');
      expect((await verdicts())[0].violations).toBe('["outdated"]');
    });

    it('tells uses apart: rebuilt, unmanaged, scratch, unknown, ended', async () => {
      await knex('mirror_tag').insert(
        mirrorTag({ tag: '3.24.1', cycle: '3.24' }),
      );
      await knex('base_tag').insert(baseTag());
      for (const digest of ['sha256:now', 'sha256:child']) {
        await knex('image_digest').insert({
          tier: 'bases',
          name: 'alpine',
          repository: 'reg.test/bases/alpine',
          tag: '3.21.3-core1.0.0',
          root_digest: 'sha256:3.21.3-core1.0.0',
          digest,
          platform: '',
          layers: 2,
          published_at: '2026-02-01T00:00:00.000Z',
        });
      }
      await useBase({ digest: 'sha256:before' });
      await useBase({ digest: 'sha256:child' });
      await useBase({
        reference: 'reg.test/mirrors/alpine:3.24.1',
        tier: 'mirrors',
        digest: '',
      });
      await useBase({ reference: '', tier: 'none', digest: '' });
      await useBase({ reference: '?', tier: 'bases', digest: '' });
      await recomputer().recompute('start');
      expect(
        (await verdicts()).map(row => [row.freshness, row.support, row.status]),
      ).toEqual([
        ['rebuilt', 'supported', 'warning'],
        ['current', 'supported', 'ok'],
        ['unmanaged', 'supported', 'warning'],
        ['none', 'unknown', 'ok'],
        ['unknown', 'unknown', 'unknown'],
      ]);
      // the base on that mirror, of another cycle
      expect((await verdicts())[2]).toMatchObject({
        latest: 'reg.test/bases/alpine:3.21.3-core1.0.0',
        latest_in_cycle: null,
      });

      now = new Date('2026-11-01T00:00:00.000Z');
      await recomputer().recompute('midnight');
      expect((await verdicts())[1]).toMatchObject({
        support: 'ended',
        status: 'critical',
        violations: '["ended"]',
      });
    });

    it('joins calls that come while it is at work into one more round', async () => {
      await knex('base_tag').insert(baseTag());
      const load = jest.spyOn(lifecycle, 'load');
      const one = recomputer();
      await Promise.all([
        one.recompute('a'),
        one.recompute('b'),
        one.recompute('c'),
        one.recompute('d'),
      ]);
      expect(load).toHaveBeenCalledTimes(2);
    });

    it('goes on after a round that failed', async () => {
      await knex('base_tag').insert(baseTag({ status: 'unknown' }));
      const one = recomputer();
      jest.spyOn(lifecycle, 'load').mockRejectedValueOnce(new Error('away'));
      await expect(one.recompute('a')).rejects.toThrow('away');
      await one.recompute('b');
      expect((await bases())['3.21.3-core1.0.0'].status).toBe('ok');
    });
  },
);
