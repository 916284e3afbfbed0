import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { readdirSync } from 'node:fs';
import path from 'node:path';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const directory = path.join(__dirname, '../../migrations');
const STEPS = readdirSync(directory).length;
/** Those that others refer to come first. */
const PARENTS = ['base_use', 'verdict', 'application', 'product', 'run'];
const ROWS = [1, 2];

type Row = Record<string, unknown>;

/** One value per type and row; what refers to a row finds the one of its number. */
function valueOf(type: string, row: number): unknown {
  if (/bool/.test(type)) {
    return true;
  }
  if (/int|real|double|numeric|float/.test(type)) {
    return row;
  }
  return /blob|bytea|binary/.test(type)
    ? Buffer.from(`row ${row}`)
    : `row ${row}`;
}

describe.each(databases.eachSupportedId())('upgrades on %s', id => {
  let knex: Knex;

  beforeAll(async () => {
    knex = await databases.init(id);
  });

  afterAll(() => knex.destroy());

  async function tables(): Promise<string[]> {
    const found: Array<{ name: string }> =
      id === 'SQLITE_3'
        ? await knex('sqlite_master').where({ type: 'table' }).select('name')
        : await knex('pg_tables')
            .where({ schemaname: 'public' })
            .select('tablename as name');
    const names = found
      .map(({ name }) => name)
      .filter(name => !/^(knex_|sqlite_)/.test(name));
    const parents = PARENTS.filter(name => names.includes(name));
    return [...new Set([...parents, ...names.sort()])];
  }

  /** Puts rows into every table that has none. */
  async function fill(): Promise<void> {
    for (const table of await tables()) {
      if (await knex(table).first()) {
        continue;
      }
      const columns = Object.entries(await knex(table).columnInfo());
      const isCounted = columns.some(
        ([name, { type }]) => name === 'id' && /int/.test(type),
      );
      for (const row of ROWS) {
        const values = columns
          .filter(([name]) => !(isCounted && name === 'id'))
          .map(([name, { type }]) => [name, valueOf(type, row)]);
        await knex(table).insert(Object.fromEntries(values));
      }
    }
  }

  async function read(): Promise<Map<string, Row[]>> {
    const content = new Map<string, Row[]>();
    for (const table of await tables()) {
      const rows: Row[] = await knex(table);
      content.set(
        table,
        rows.sort((a, b) =>
          JSON.stringify(Object.values(a)) < JSON.stringify(Object.values(b))
            ? -1
            : 1,
        ),
      );
    }
    return content;
  }

  /** The part of some content that another state has tables and columns for. */
  function common(content: Map<string, Row[]>, other: Map<string, Row[]>) {
    return [...content]
      .filter(([table]) => other.has(table))
      .map(([table, rows]) => [
        table,
        rows.map(row =>
          Object.fromEntries(
            Object.entries(row).filter(
              ([column]) => column in other.get(table)![0],
            ),
          ),
        ),
      ]);
  }

  it('keep every row of every table, up, down and up again', async () => {
    await knex.migrate.up({ directory });
    for (let step = 1; step < STEPS; step += 1) {
      await fill();
      const before = await read();
      await knex.migrate.up({ directory });
      const after = await read();
      expect(common(after, before)).toEqual([...before]);
      await fill();
      await knex.migrate.down({ directory });
      expect([...(await read())]).toEqual([...before]);
      await knex.migrate.up({ directory });
      expect(common(await read(), before)).toEqual([...before]);
    }
    for (const rows of (await read()).values()) {
      expect(rows.length).toBeLessThanOrEqual(ROWS.length);
    }
  });
});
