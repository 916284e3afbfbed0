import { CI_TOKEN, OwnPostgres, RealBackend } from '@imglife/test-real';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { fillScale } from './fillScale';
import { scaleBases, scaleLifecycle } from './scaleBases';

const CHAINS = 100_000;

/** A backend on a database with so many applications. */
export class ScalePortal {
  readonly applications: number;
  readonly fillSeconds: number;
  readonly backend: RealBackend;
  readonly #database: string;
  readonly #postgres: OwnPostgres;

  /** Makes the tables, fills them, and starts the backend anew over them. */
  static async start(options: {
    folder: string;
    postgres: OwnPostgres;
    host: string;
    applications: number;
    registrations: number;
    log: (line: string) => void;
  }): Promise<ScalePortal> {
    const { postgres, host, applications, registrations, log } = options;
    const folder = path.join(options.folder, `${applications}`);
    await mkdir(folder);
    const lifecycle = path.join(folder, 'lifecycle.json');
    await writeFile(lifecycle, JSON.stringify(scaleLifecycle(new Date())));
    const prefix = `scale_${applications}_`;
    const start = () =>
      RealBackend.start({
        folder,
        alone: true,
        measured: true,
        databases: { config: { ...postgres.config, prefix } },
        imglife: {
          registries: [{ host, insecure: true, requestsPerSecond: 10_000 }],
          tiers: {
            mirrors: `${host}/mirrors`,
            bases: `${host}/bases`,
            applications: [`${host}/apps`],
          },
          lifecycle: { overridesFile: lifecycle },
        },
      });
    await (await start()).stop();
    const database = `${prefix}imglife`;
    const began = performance.now();
    await withClient(postgres.urlOf(database), client =>
      fillScale((text, values) => client.query(text, values), {
        host,
        bases: scaleBases(host),
        applications,
        chains: CHAINS,
        registrations,
      }),
    );
    const fillSeconds = (performance.now() - began) / 1000;
    log(`${applications} applications filled in ${fillSeconds.toFixed(0)} s`);
    const backend = await start();
    return new ScalePortal(backend, {
      applications,
      fillSeconds,
      database,
      postgres,
    });
  }

  private constructor(
    backend: RealBackend,
    options: {
      applications: number;
      fillSeconds: number;
      database: string;
      postgres: OwnPostgres;
    },
  ) {
    this.backend = backend;
    this.applications = options.applications;
    this.fillSeconds = options.fillSeconds;
    this.#database = options.database;
    this.#postgres = options.postgres;
  }

  /**
   * Asks once; how long it took until the whole answer was there, in ms.
   *
   * @throws Error - any answer but 200 and 201
   */
  async ask<T>(
    method: 'GET' | 'POST',
    pathname: string,
    body?: object,
  ): Promise<{ ms: number; answer: T }> {
    const began = performance.now();
    const response = await this.backend.ask(method, `/api/imglife${pathname}`, {
      token: CI_TOKEN,
      body,
    });
    const text = await response.text();
    const ms = performance.now() - began;
    if (!response.ok) {
      throw new Error(`${method} ${pathname}: ${response.status} ${text}`);
    }
    return { ms, answer: JSON.parse(text) as T };
  }

  /** The rows of one statement in the plugin's database. */
  async query<Row>(text: string): Promise<Row[]> {
    return withClient(this.#postgres.urlOf(this.#database), async client => {
      const { rows } = await client.query<Row>(text);
      return rows;
    });
  }

  async stop(): Promise<void> {
    await this.backend.stop();
  }
}

async function withClient<T>(
  connectionString: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
