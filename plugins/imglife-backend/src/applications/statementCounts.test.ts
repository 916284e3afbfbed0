import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { TierQuery } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import {
  application,
  baseTag,
  baseUse,
  verdict,
} from '../status/__fixtures__/rows';
import { definitions } from '../status/__fixtures__/definitions';
import { StubLifecycle } from '../status/__fixtures__/StubLifecycle';
import { BaseChecker } from '../status/BaseChecker';
import { DatabaseStatusStore } from '../status/DatabaseStatusStore';
import { DatabaseApplicationStore } from './DatabaseApplicationStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const NOW = new Date('2026-06-02T00:00:00.000Z');
// of ids: those that the database gives are below
const OWN = 10_000;
const BASE = 'reg.test/bases/alpine:3.21.3-core1.0.0';
const QUERIES: TierQuery[] = [
  {},
  { orderBy: 'builtAt', order: 'desc' },
  { orderBy: 'status' },
  { search: 'apps/app', orderBy: 'eolDate' },
  { status: 'unknown', limit: 5 },
  { all: true },
];

describe.each(databases.eachSupportedId())('statements on %s', id => {
  let knex: Knex;
  let statements: string[];
  let filled = 0;

  async function fill(count: number): Promise<void> {
    for (let from = filled; from < count; from += 50) {
      const numbers = Array.from(
        { length: Math.min(50, count - from) },
        (_, place) => from + place,
      );
      await knex('base_use').insert(
        numbers.map(number => ({
          id: number + OWN,
          ...baseUse({ reference: `reg.test/bases/b:${number}` }),
        })),
      );
      await knex('verdict').insert(
        numbers.map(number => ({
          id: number + OWN,
          ...verdict({ base_use_id: number + OWN }),
        })),
      );
      await knex('application').insert(
        numbers.map(number =>
          application({
            // a hundred tags of one repository, too
            repository: `reg.test/apps/app-${number % 100 ? 'many' : number}`,
            tag: `1.${number}`,
            // as it is stored: one of them counts
            state: number % 100 ? 'earlier' : 'current',
            verdict_id: number + OWN,
          }),
        ),
      );
      await knex('image_digest').insert(
        numbers.map(number => ({
          tier: 'mirrors',
          name: 'alpine',
          repository: 'reg.test/mirrors/alpine',
          tag: `1.${number}`,
          root_digest: `sha256:${number}`,
          digest: `sha256:${number}`,
          platform: 'linux/amd64',
          chain_id: `sha256:chain-${number}`,
          layers: 1,
          published_at: NOW.toISOString(),
        })),
      );
    }
    filled = count;
  }

  async function counted(work: () => Promise<unknown>): Promise<number> {
    statements = [];
    await work();
    return statements.length;
  }

  beforeAll(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    await knex('base_tag').insert(baseTag());
    await knex('base_use').insert(baseUse({ digest: '' }));
    await knex('verdict').insert(verdict({ base_use_id: 1 }));
    knex.on('query', ({ sql }) => statements.push(sql));
    statements = [];
  });

  afterAll(() => knex.destroy());

  it('are as many for ten rows as for a thousand', async () => {
    const store = DatabaseStatusStore.create({ knex, now: () => NOW });
    const applications = DatabaseApplicationStore.create({ knex });
    const checker = BaseChecker.create({
      knex,
      lifecycle: new StubLifecycle(),
      definitions: definitions(),
      now: () => NOW,
    });
    let revision = 0;
    const register = () =>
      applications.register({
        facts: {
          repository: 'reg.test/apps/app-many',
          tag: '1.1',
          platforms: [],
          base: { reference: BASE },
          detection: {
            method: 'declared',
            confidence: 'confirmed',
            mismatch: false,
            candidates: [],
          },
          fields: {},
          revision: `${revision}`,
          builtAt: '2026-06-01T00:00:00.000Z',
        },
        use: { reference: BASE, digest: '', tier: 'bases' },
        mapping: {},
        actor: 'ci',
        now: NOW,
        current: { per: 'repository', maxAgeDays: 180 },
      });
    const measure = async (rows: number) => {
      await fill(rows);
      const counts: Record<string, number> = {};
      for (const query of QUERIES) {
        counts[JSON.stringify(query)] = await counted(() =>
          store.applications(query),
        );
      }
      revision += 1;
      counts.register = await counted(() => register());
      counts.again = await counted(() => register());
      counts.answer = await counted(() =>
        store.application('reg.test/apps/app-many', '1.1'),
      );
      counts.check = await counted(() => checker.check({ reference: BASE }));
      counts.chains = await counted(() =>
        applications.findKnownImages({
          chainIds: Array.from(
            { length: 60 },
            (_, layer) => `sha256:chain-${layer}`,
          ),
          digests: ['sha256:1'],
          references: [{ repository: 'reg.test/mirrors/alpine', tag: '1.1' }],
        }),
      );
      return counts;
    };
    await measure(10);
    const few = await measure(10);
    const many = await measure(1_000);
    // a page that is full sooner may need fewer
    const more = Object.keys(few).filter(name => many[name] > few[name]);
    expect(more).toEqual([]);
    expect(few.chains).toBe(1);
    expect(Math.max(...Object.values(few))).toBeLessThan(25);
  });
});
