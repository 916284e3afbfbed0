import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { connectDatabase } from '../database/connectDatabase';
import { DatabaseDefinitionStore } from './DatabaseDefinitionStore';
import type { DeclaredDefinition } from './DefinitionStore';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const alpine: DeclaredDefinition = {
  kind: 'mirror',
  name: 'alpine',
  hash: 'a1',
  source: 'imglife.mirrors.entries[0]',
};
const base: DeclaredDefinition = {
  kind: 'base',
  name: 'alpine',
  hash: 'b1',
  source: 'imglife.bases.entries[0]',
};

describe.each(databases.eachSupportedId())(
  'DatabaseDefinitionStore on %s',
  id => {
    async function createStore() {
      const knex = await databases.init(id);
      await connectDatabase(mockServices.database({ knex }));
      const clock = { time: '2026-11-01T00:00:00.000Z' };
      const store = DatabaseDefinitionStore.create({
        knex,
        now: () => new Date(clock.time),
      });
      return { store, clock };
    }

    it('keeps what is declared now', async () => {
      const { store, clock } = await createStore();
      const node = { ...alpine, name: 'node', hash: 'n1' };
      await store.declare([alpine, node, base]);

      clock.time = '2026-11-02T00:00:00.000Z';
      await store.declare([
        { ...node, source: 'moved', hash: 'n1' },
        { ...base, hash: 'b2' },
        { ...alpine, kind: 'lifecycle' },
      ]);

      expect(await store.list()).toEqual([
        expect.objectContaining({
          ...base,
          hash: 'b2',
          since: '2026-11-02T00:00:00.000Z',
        }),
        expect.objectContaining({ ...alpine, kind: 'lifecycle' }),
        expect.objectContaining({
          ...node,
          source: 'moved',
          since: '2026-11-01T00:00:00.000Z',
        }),
      ]);
      await store.declare([]);
      expect(await store.list()).toEqual([]);
    });

    it('declares more than one statement can hold', async () => {
      const { store } = await createStore();
      const many = Array.from({ length: 1001 }, (_, index) => ({
        ...alpine,
        name: `m${index}`,
      }));

      await store.declare(many);
      expect(await store.list()).toHaveLength(1001);
      await store.declare(many.slice(0, 2));

      expect(await store.list()).toHaveLength(2);
    });

    it('remembers what was queued, and counts failures', async () => {
      const { store } = await createStore();
      await store.declare([alpine, base]);
      const read = async () =>
        (await store.list()).find(({ kind }) => kind === 'mirror');

      await store.markQueued('mirror', 'alpine', 'a1', '2026-11-01T01:00:00Z');
      expect(await read()).toMatchObject({
        queued_hash: 'a1',
        queued_at: '2026-11-01T01:00:00Z',
        finished_at: null,
        failures: 0,
      });
      const bad = { ok: false, at: 't1', retryAt: 't2' };
      await store.markFinished('mirror', 'alpine', bad);
      await store.markFinished('mirror', 'alpine', bad);
      expect(await read()).toMatchObject({
        finished_at: 't1',
        failures: 2,
        retry_at: 't2',
      });

      await store.declare([alpine, base]);
      expect(await read()).toMatchObject({ failures: 2, retry_at: 't2' });
      await store.declare([{ ...alpine, hash: 'a2' }, base]);
      expect(await read()).toMatchObject({
        queued_hash: 'a1',
        failures: 0,
        retry_at: null,
      });

      await store.markFinished('mirror', 'alpine', bad);
      await store.markFinished('mirror', 'alpine', { ok: true, at: 't3' });
      expect(await read()).toMatchObject({
        finished_at: 't3',
        failures: 0,
        retry_at: null,
      });
      const other = (await store.list()).find(({ kind }) => kind === 'base');
      expect(other).toMatchObject({ queued_at: null, finished_at: null });
    });
  },
);
