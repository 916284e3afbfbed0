import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { connectDatabase } from '../database/connectDatabase';
import { fixtureProducts } from './__fixtures__/fixtureProducts';
import { DatabaseLifecycleStore } from './DatabaseLifecycleStore';
import type { StoredProduct } from './LifecycleStore';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const old = '2026-08-22T00:00:00.000Z';
const later = '2026-10-01T00:00:00.000Z';
const [alpine, debian] = fixtureProducts;

function byName<T extends { name: string }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (a.name < b.name ? -1 : 1));
}

describe.each(databases.eachSupportedId())(
  'DatabaseLifecycleStore on %s',
  id => {
    async function createStore() {
      const knex = await databases.init(id);
      await connectDatabase(mockServices.database({ knex }));
      return DatabaseLifecycleStore.create({ knex });
    }

    async function read(store: DatabaseLifecycleStore, name: string) {
      const all = await store.readAll();
      return all.find(product => product.name === name);
    }

    it('gives back what was written', async () => {
      const store = await createStore();
      const product: StoredProduct = {
        ...alpine,
        source: 'api',
        fetchedAt: later,
        cycles: [
          ...alpine.cycles,
          { product: alpine.name, name: 'open', isEol: false },
          { product: alpine.name, name: 'bare' },
        ],
      };

      await store.replace(product);
      await store.replace({ ...product, cycles: product.cycles.slice(1) });

      const [stored, ...others] = await store.readAll();
      expect(others).toEqual([]);
      expect({ ...stored, cycles: byName(stored.cycles) }).toEqual({
        ...product,
        cycles: byName(product.cycles.slice(1)),
      });
    });

    it('seeds what is missing, older or empty, and nothing else', async () => {
      const store = await createStore();
      await store.seed(fixtureProducts, old);
      await store.replace({ ...debian, source: 'api', fetchedAt: old });
      await store.recordFailure('made-up', 'HTTP 404', old);

      const changed = (product: typeof alpine) => ({
        ...product,
        label: 'changed',
        cycles: product.cycles.slice(0, 2),
      });
      const madeUp = { ...changed(alpine), name: 'made-up' };
      madeUp.cycles = [{ product: 'made-up', name: '1' }];
      await store.seed([changed(alpine), changed(debian), madeUp], later);

      expect(await read(store, alpine.name)).toMatchObject({
        label: 'changed',
        source: 'snapshot',
        fetchedAt: later,
        cycles: { length: 2 },
      });
      expect(await read(store, debian.name)).toMatchObject({
        label: 'Debian',
        source: 'api',
        fetchedAt: old,
        cycles: { length: 18 },
      });
      expect(await read(store, 'made-up')).toMatchObject({
        source: 'snapshot',
        cycles: [{ name: '1' }],
      });
      await store.seed([{ ...changed(alpine), label: 'older' }], old);
      expect((await read(store, alpine.name))?.label).toBe('changed');
    });

    it('keeps a failure beside what is known, until it is over', async () => {
      const store = await createStore();
      await store.replace({ ...debian, source: 'api', fetchedAt: old });

      await store.recordFailure('debian', 'HTTP 500', later);
      expect(await read(store, 'debian')).toMatchObject({
        fetchedAt: old,
        error: 'HTTP 500',
        cycles: { length: 18 },
      });

      await store.replace({ ...debian, source: 'api', fetchedAt: later });
      expect((await read(store, 'debian'))?.error).toBeUndefined();
    });
  },
);
