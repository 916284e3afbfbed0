import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

const VARIABLE = 'BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING';

/** The databases of one backend on a real PostgreSQL, one per plugin. */
export class PostgresDatabases {
  readonly #url: URL;
  readonly #prefix: string;

  /** @throws Error - no PostgreSQL is given in the environment */
  static create(): PostgresDatabases {
    const text = process.env[VARIABLE];
    if (!text) {
      throw new Error(
        `no PostgreSQL: set ${VARIABLE}, or run the tests by ./dev test, which brings one`,
      );
    }
    const prefix = `real_${randomBytes(4).toString('hex')}_`;
    return new PostgresDatabases(new URL(text), prefix);
  }

  private constructor(url: URL, prefix: string) {
    this.#url = url;
    this.#prefix = prefix;
  }

  /** The block `backend.database` of a configuration. */
  get config() {
    const { hostname, port, username, password } = this.#url;
    return {
      client: 'pg',
      prefix: this.#prefix,
      connection: {
        host: hostname,
        port: Number(port),
        user: decodeURIComponent(username),
        password: decodeURIComponent(password),
      },
    };
  }

  /** Tables with a row that has this text somewhere, as `database.schema.table`. */
  async tablesWith(text: string): Promise<string[]> {
    const found: string[] = [];
    for (const database of await this.#names()) {
      const url = new URL(this.#url);
      url.pathname = `/${database}`;
      await connected(url, async client => {
        const { rows } = await client.query<{ name: string }>(
          `select format('%I.%I', schemaname, tablename) as name from pg_tables
           where schemaname not in ('pg_catalog', 'information_schema')`,
        );
        for (const { name } of rows) {
          const hits = await client.query(
            `select 1 from ${name} t where position($1 in t::text) > 0 limit 1`,
            [text],
          );
          found.push(...hits.rows.map(() => `${database}.${name}`));
        }
      });
    }
    return found;
  }

  /** Asks the database of the plugin imglife. */
  async query<Row>(text: string, values?: string[]): Promise<Row[]> {
    const url = new URL(this.#url);
    url.pathname = `/${this.#prefix}imglife`;
    return connected(
      url,
      async client => (await client.query<Row>(text, values)).rows,
    );
  }

  /** Drops them all. */
  async drop(): Promise<void> {
    const names = await this.#names();
    await connected(this.#url, async client => {
      for (const name of names) {
        await client.query(`drop database "${name}" with (force)`);
      }
    });
  }

  async #names(): Promise<string[]> {
    return connected(this.#url, async client => {
      const { rows } = await client.query<{ datname: string }>(
        'select datname from pg_database where starts_with(datname, $1)',
        [this.#prefix],
      );
      return rows.map(({ datname }) => datname);
    });
  }
}

async function connected<T>(
  url: URL,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
