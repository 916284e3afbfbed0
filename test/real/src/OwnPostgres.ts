import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './freePort';
import { RealProcess } from './RealProcess';
import { repository } from './sources';

const START_MS = 60_000;
const START_TRIES = 20;
const START_PAUSE_MS = 500;
const script = path.join(repository, 'test/real/src/servePostgres.mjs');

/** A PostgreSQL that may be stopped, killed and started again; its data stay. */
export class OwnPostgres {
  readonly #directory: string;
  readonly #port: number;
  readonly #settings: string[];
  #process: RealProcess;

  /**
   * @param directory - made where there is none; its parents must be readable
   *   by the user `postgres` where the tests run as root
   * @param settings - such as `shared_buffers=512MB`
   */
  static async start(
    directory: string,
    settings: string[] = [],
  ): Promise<OwnPostgres> {
    const port = await freePort();
    const started = serve(directory, port, settings);
    const server = new OwnPostgres(directory, port, settings, started);
    await server.#untilUp();
    return server;
  }

  private constructor(
    directory: string,
    port: number,
    settings: string[],
    started: RealProcess,
  ) {
    this.#directory = directory;
    this.#port = port;
    this.#settings = settings;
    this.#process = started;
  }

  /** The block `backend.database` of a configuration. */
  get config() {
    return {
      client: 'pg',
      connection: {
        host: '127.0.0.1',
        port: this.#port,
        user: 'postgres',
        password: 'postgres',
      },
    };
  }

  /** Connection string of one database. */
  urlOf(database: string): string {
    return `postgresql://postgres:postgres@127.0.0.1:${this.#port}/${database}`;
  }

  /** The rows of one statement in the database of the plugin. */
  async query<Row>(text: string): Promise<Row[]> {
    const client = new Client({
      connectionString: this.urlOf('backstage_plugin_imglife'),
    });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Breaks off every session and ends, as an administrator does it. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** `kill -9` of the postmaster, as a machine that goes away. */
  async kill(): Promise<void> {
    const file = path.join(this.#directory, 'postmaster.pid');
    const [pid] = (await readFile(file, 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await this.#process.kill();
  }

  /**
   * Starts it again on the same port, with what it had. After a kill it refuses
   * for as long as a process of the old one holds its shared memory.
   */
  async startAgain(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      this.#process = serve(this.#directory, this.#port, this.#settings);
      try {
        await this.#untilUp();
        return;
      } catch (error) {
        if (tries === START_TRIES) {
          throw error;
        }
        await sleep(START_PAUSE_MS);
      }
    }
  }

  async #untilUp(): Promise<void> {
    await this.#process.untilUp(START_MS, async () => {
      const client = new Client({ connectionString: this.urlOf('postgres') });
      await client.connect();
      await client.end();
      return true;
    });
  }
}

function serve(
  directory: string,
  port: number,
  settings: string[],
): RealProcess {
  return RealProcess.start('PostgreSQL', process.execPath, [
    script,
    directory,
    String(port),
    ...settings,
  ]);
}
