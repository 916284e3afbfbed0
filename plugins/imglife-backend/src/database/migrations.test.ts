import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import path from 'node:path';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const directory = path.join(__dirname, '../../migrations');
const TABLES = [
  'adoption_day',
  'application',
  'application_platform',
  'base_context',
  'base_tag',
  'base_use',
  'build',
  'cycle',
  'definition',
  'definition_file',
  'floating_tag',
  'image_digest',
  'mirror_tag',
  'product',
  'pull',
  'registration',
  'registry_content',
  'removal',
  'run',
  'run_item',
  'run_log',
  'transition',
  'upstream_tag',
  'verdict',
];

describe.each(databases.eachSupportedId())('migrations on %s', id => {
  let knex: Knex;

  beforeAll(async () => {
    knex = await databases.init(id);
  });

  afterAll(() => knex.destroy());

  async function tables(): Promise<string[]> {
    const rows: Array<{ name: string }> =
      id === 'SQLITE_3'
        ? await knex('sqlite_master').where({ type: 'table' }).select('name')
        : await knex('pg_tables')
            .where({ schemaname: 'public' })
            .select('tablename as name');
    return rows
      .map(({ name }) => name)
      .filter(name => !/^(knex_|sqlite_)/.test(name))
      .sort();
  }

  it('go up and down, twice, and leave nothing behind', async () => {
    for (let round = 0; round < 2; round += 1) {
      await knex.migrate.latest({ directory });
      expect(await tables()).toEqual(TABLES);
      await knex.migrate.rollback({ directory }, true);
      expect(await tables()).toEqual([]);
    }
  });

  it('refuse two rows of one image', async () => {
    await knex.migrate.latest({ directory });
    const row = {
      mirror: 'alpine',
      repository: 'r/alpine',
      tag: '1',
      version_key: '',
      family: '',
      upstream_repository: 'u/alpine',
      upstream_tag: '1',
      state: 'current',
    };
    await knex('mirror_tag').insert(row);
    await expect(knex('mirror_tag').insert(row)).rejects.toThrow(/unique/i);
    await knex.migrate.rollback({ directory }, true);
  });
});
