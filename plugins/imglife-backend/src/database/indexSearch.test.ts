import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { application, baseUse, verdict } from '../status/__fixtures__/rows';
import { applicationFilters } from '../status/tierFilters';
import { connectDatabase } from './connectDatabase';
import { indexSearch } from './indexSearch';
import { joinLetters } from './searchText';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const REPOSITORIES = [
  'reg.test:5000/apps/team-7/shop',
  'reg.test:5000/apps/team-77/shop',
  'reg.test:5000/apps/teamq7zshop',
  'reg.test:5000/apps/under_score',
];

const CASES: Array<[search: string, found: number[]]> = [
  ['team-7/', [0]],
  ['TEAM-7', [0, 1]],
  ['team', [0, 1, 2]],
  ['teamq7z', [2]],
  ['shop:1.7', [0, 1, 2]],
  ['1x7', []],
  ['-rc', [0, 1, 2, 3]],
  ['under_score', [3]],
  ['under-score', []],
  ['underkscore', []],
  ['%', []],
  ['\\', []],
  [':5000/apps', [0, 1, 2, 3]],
];

describe.each(databases.eachSupportedId())('search on %s', id => {
  let knex: Knex;
  const warn = jest.fn();

  beforeAll(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    await knex('base_use').insert(baseUse());
    await knex('verdict').insert(verdict({ base_use_id: 1 }));
    await knex('application').insert(
      REPOSITORIES.map(repository =>
        application({ repository, tag: '1.7.0-RC', verdict_id: 1 }),
      ),
    );
    await indexSearch(knex, { warn });
    // replicas do it at every start
    await indexSearch(knex, { warn });
  });

  afterAll(() => knex.destroy());

  const found = async (search: string, part?: string): Promise<number[]> => {
    const rows: Array<{ repository: string }> = await applicationFilters(
      knex('application'),
      { search },
      part,
    ).select('repository');
    return rows.map(row => REPOSITORIES.indexOf(row.repository)).sort();
  };

  it.each(CASES)('%s', async (search, expected) => {
    expect(await found(search)).toEqual(expected);
  });

  if (id === 'SQLITE_3') {
    return;
  }

  it.each(CASES)('%s, by the index', async (search, expected) => {
    const letters = joinLetters(search);
    expect(await found(search, letters)).toEqual(expected);
    // a part finds more, and that is sorted out
    expect(await found(search, letters.slice(1))).toEqual(expected);
  });

  it('goes by the index', async () => {
    expect(warn).not.toHaveBeenCalled();
    const plan = await knex.transaction(async trx => {
      await trx.raw('SET LOCAL enable_seqscan = off');
      const query = applicationFilters(
        trx('application'),
        { search: 'team-7/' },
        joinLetters('-7/'),
      );
      const explained = trx.raw('EXPLAIN ?', [query.select('id')]);
      return JSON.stringify(await explained);
    });
    expect(plan).toContain('application_search_text');
  });
});
