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

  /** Drops them all. */
  async drop(): Promise<void> {
    const client = new Client({ connectionString: this.#url.href });
    await client.connect();
    try {
      const { rows } = await client.query<{ datname: string }>(
        'select datname from pg_database where starts_with(datname, $1)',
        [this.#prefix],
      );
      for (const { datname } of rows) {
        await client.query(`drop database "${datname}" with (force)`);
      }
    } finally {
      await client.end();
    }
  }
}
