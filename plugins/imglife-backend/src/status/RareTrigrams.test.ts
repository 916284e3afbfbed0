import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import { application, baseUse, verdict } from './__fixtures__/rows';
import { RareTrigrams } from './RareTrigrams';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const START = Date.parse('2026-05-10T12:00:00.000Z');

describe.each(databases.eachSupportedId())('RareTrigrams on %s', id => {
  let knex: Knex;
  let now: Date;
  let statements: string[];
  let rare: RareTrigrams;

  beforeAll(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    await knex('base_use').insert(baseUse());
    await knex('verdict').insert(verdict({ base_use_id: 1 }));
    knex.on('query', ({ sql }) => statements.push(sql));
  });

  beforeEach(() => {
    statements = [];
    now = new Date(START);
    rare = RareTrigrams.create({ knex, now: () => now });
  });

  afterAll(() => knex.destroy());

  async function fill(from: number, to: number) {
    const rows = Array.from({ length: to - from }, (_, at) =>
      application({
        repository: `reg.test/apps/team-${(from + at) % 300}/service`,
        tag: `1.${from + at}`,
        verdict_id: 1,
      }),
    );
    await knex.batchInsert('application', rows, 200);
  }

  if (id === 'SQLITE_3') {
    it('knows no index of searches', async () => {
      await fill(0, 6_000);
      expect(await rare.plan('team-137/')).toEqual({ isCommon: false });
    });
    return;
  }

  it('leaves a search to go past few rows', async () => {
    await fill(0, 100);
    await knex.raw('ANALYZE application');
    expect(await rare.plan('team-137/')).toEqual({ isCommon: false });
  });

  it('looks all of it up in a table not analyzed yet', async () => {
    await knex.raw(
      `UPDATE pg_class SET reltuples = -1 WHERE oid = 'application'::regclass`,
    );
    expect(await rare.plan('Team-137/')).toEqual({
      part: 'teamQ137Z',
      isCommon: false,
    });
  });

  it('takes what is rare of it, and tells what is not', async () => {
    await fill(100, 6_000);
    await knex.raw('ANALYZE application');
    const { part, isCommon } = await rare.plan('apps/team-137/');
    expect(isCommon).toBe(false);
    expect('appsZteamQ137Z').toContain(part);
    // all have the letters before the number
    expect(part).toMatch(/13|37/);
    expect(await rare.plan('apps/team-')).toEqual({ isCommon: true });
    expect(await rare.plan('te')).toEqual({ isCommon: false });
    expect(await rare.plan('nowhere')).toMatchObject({ isCommon: false });
  });

  it('reads its sample once in ten minutes', async () => {
    await Promise.all([rare.plan('team-1'), rare.plan('team-2')]);
    expect(statements).toHaveLength(2);
    now = new Date(START + 599_000);
    await rare.plan('team-1');
    expect(statements).toHaveLength(2);
    now = new Date(START + 600_000);
    await rare.plan('team-1');
    expect(statements).toHaveLength(4);
  });

  it('asks again after a failure', async () => {
    await knex.schema.renameTable('application', 'elsewhere');
    await expect(rare.plan('team-1')).rejects.toThrow('application');
    await knex.schema.renameTable('elsewhere', 'application');
    expect(await rare.plan('apps')).toEqual({ isCommon: true });
  });
});
