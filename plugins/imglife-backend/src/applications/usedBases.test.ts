import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import type { BaseTagTable } from '../database/tables';
import { baseTag } from '../status/__fixtures__/rows';
import type { ApplicationFacts, NewRegistration } from './ApplicationStore';
import { DatabaseApplicationStore } from './DatabaseApplicationStore';
import { usedBases } from './usedBases';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const RULE = {
  now: new Date('2026-06-02T00:00:00.000Z'),
  current: { per: 'repository', maxAgeDays: 180 } as const,
};

function baseOf(tag: string) {
  return { reference: `reg.test/bases/alpine:${tag}`, digest: `sha256:${tag}` };
}

describe.each(databases.eachSupportedId())('usedBases on %s', id => {
  let knex: Knex;
  let store: DatabaseApplicationStore;

  beforeEach(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    store = DatabaseApplicationStore.create({ knex });
    await knex('base_tag').insert(['1', '2', '3'].map(tag => baseTag({ tag })));
  });

  afterEach(() => knex.destroy());

  async function register(
    image: string,
    base: string,
    change: Partial<ApplicationFacts> = {},
  ): Promise<boolean> {
    const [repository, tag] = image.split(':');
    const registration: NewRegistration = {
      ...RULE,
      facts: {
        repository: `reg.test/apps/${repository}`,
        tag,
        platforms: [],
        base: baseOf(base),
        detection: {
          method: 'chain',
          confidence: 'confirmed',
          mismatch: false,
          candidates: [],
        },
        fields: {},
        builtAt: '2026-06-01T00:00:00.000Z',
        ...change,
      },
      use: { ...baseOf(base), tier: 'bases' },
      mapping: {},
      actor: 'ci',
    };
    return (await store.register(registration)).usesChanged;
  }

  /** What registrations have kept, held equal to a count of all. */
  async function kept(): Promise<Record<string, number>> {
    const counted = await usedBases(knex);
    const rows = await knex<BaseTagTable>('base_tag').orderBy('tag');
    const entries = rows.map(row => [row.tag, row.used_by] as const);
    expect(entries).toEqual(
      rows.map(({ tag }) => [tag, counted.get(baseOf(tag).reference) ?? 0]),
    );
    return Object.fromEntries(entries.filter(([, count]) => count > 0));
  }

  it('are kept in step by whatever changes what is current', async () => {
    expect(await register('a:1', '1')).toBe(true);
    // the second on the same base: nothing is to be judged anew
    expect(await register('b:1', '1')).toBe(false);
    expect(await kept()).toEqual({ 1: 2 });

    // the newer tag takes the place of the other
    const later = { builtAt: '2026-06-01T01:00:00.000Z' };
    await register('a:2', '2', later);
    expect(await kept()).toEqual({ 1: 1, 2: 1 });
    expect(await register('a:2', '2', { ...later, revision: 'b' })).toBe(false);
    expect(await kept()).toEqual({ 1: 1, 2: 1 });
    // an older one found late counts for nothing
    await register('a:0', '3', { builtAt: '2026-01-01T00:00:00.000Z' });
    expect(await kept()).toEqual({ 1: 1, 2: 1 });

    await store.forget({ repository: 'reg.test/apps/a', tag: '2' }, RULE);
    expect(await kept()).toEqual({ 1: 2 });
    await store.settle('reg.test/apps/a', new Set(), RULE);
    expect(await kept()).toEqual({ 1: 1 });
    await store.settle('reg.test/apps/a', new Set(['0']), RULE);
    expect(await kept()).toEqual({ 1: 1, 3: 1 });
    // the last one goes: that base is to be judged anew
    expect(await register('b:1', '2')).toBe(true);
    expect(await kept()).toEqual({ 2: 1, 3: 1 });
  });

  it('count each base that platforms of an image stand on', async () => {
    await register('a:1', '1', {
      platformBases: ['1', '2'].map((tag, position) => ({
        platform: `linux/${position}`,
        base: baseOf(tag),
        tier: 'bases',
      })),
    });
    expect(await kept()).toEqual({ 1: 1, 2: 1 });
    await store.forget({ repository: 'reg.test/apps/a', tag: '1' }, RULE);
    expect(await kept()).toEqual({});
  });

  it('are right after many registrations at once', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, number) =>
        register(`app-${number % 8}:${number}`, String(1 + (number % 3)), {
          builtAt: `2026-06-01T00:${10 + number}:00.000Z`,
        }),
      ),
    );
    const counts = Object.values(await kept());
    expect(counts.reduce((sum, count) => sum + count)).toBe(8);
  });
});
