import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from './freePort';
import { RealProcess } from './RealProcess';
import { ProgramResult, runProgram } from './runProgram';
import { nodeTransform, repository } from './sources';

const START_MS = 120_000;
const DELAY_FILE = 'event-loop-delay.json';
const eventLoopModule = path.join(
  repository,
  'test/real/src/measureEventLoop.ts',
);
const pluginAlone = path.join(repository, 'test/real/src/pluginAlone.ts');
const RUN_MS = 60_000;

/** May do all that the plugin offers, and read the catalog. */
export const PLATFORM_TOKEN = 'real-platform-token';
/** May register, and nothing else. */
export const REGISTRATION_TOKEN = 'real-registration-token';
/** May register and read, as a pipeline does. */
export const CI_TOKEN = 'real-ci-token';

/** How a backend is configured. */
export interface RealBackendOptions {
  /** the configuration file is written there */
  folder: string;
  databases: { readonly config: object };
  /** the plugin with nothing beside it, which starts in a second or two */
  alone?: boolean;
  /** whether {@link RealBackend.eventLoopDelay} is asked for */
  measured?: boolean;
  /** the block `imglife` */
  imglife: object;
  /** absolute file of catalog entities */
  entities?: string;
  /** `host:port` that files may be read from */
  readable?: string;
  /** by default a free one */
  port?: number;
  /** entries of `backend.auth.externalAccess` beside the tokens here */
  externalAccess?: object[];
}

/** What `GET /v1/runs/{id}` answers, as far as the tests read it. */
export interface RealRun {
  id: string;
  kind: string;
  target: string | null;
  state: string;
  error: string | null;
  /** ISO 8601 UTC */
  startedAt: string | null;
  finishedAt: string | null;
  items: Array<{ reference: string; state: string; error: string | null }>;
}

/** The backend as it is deployed: a process, its configuration, PostgreSQL. */
export class RealBackend {
  readonly url: string;
  readonly #process: RealProcess;
  readonly #folder: string;

  /**
   * Starts it and waits until it answers.
   *
   * @throws Error - it has ended, with what it said, or took over two minutes
   */
  static async start(options: RealBackendOptions): Promise<RealBackend> {
    const backend = await RealBackend.spawn(options);
    const health = `${backend.url}/api/imglife/health`;
    await backend.#process.untilUp(
      START_MS,
      async () => (await fetch(health)).ok,
    );
    return backend;
  }

  /** Starts the process and does not wait. */
  static async spawn(options: RealBackendOptions): Promise<RealBackend> {
    const port = options.port ?? (await freePort());
    const file = path.join(options.folder, `app-config.${port}.json`);
    await writeFile(file, JSON.stringify(configOf(options, port)));
    const { PATH, HOME } = process.env;
    const started = RealProcess.start(
      'the backend',
      process.execPath,
      [
        ...['--enable-source-maps', '--require', nodeTransform],
        ...(options.measured ? ['--require', eventLoopModule] : []),
        ...[options.alone ? pluginAlone : 'src/index.ts', '--config', file],
      ],
      {
        cwd: path.join(repository, 'packages/backend'),
        env: {
          PATH,
          HOME,
          NODE_ENV: 'production',
          EVENT_LOOP_DELAY_FILE: path.join(options.folder, DELAY_FILE),
        },
      },
    );
    const url = `http://127.0.0.1:${port}`;
    return new RealBackend(url, started, options.folder);
  }

  private constructor(url: string, started: RealProcess, folder: string) {
    this.url = url;
    this.#process = started;
    this.#folder = folder;
  }

  /** All it has written so far. */
  get output(): string {
    return this.#process.output;
  }

  /** Asks again and again until there is an answer; stops when it has ended. */
  async waitFor<T>(
    what: string,
    limitMs: number,
    ask: () => Promise<T | undefined | false>,
  ): Promise<T> {
    return this.#process.waitFor(what, limitMs, ask);
  }

  /** Asks any path of it; by default with the platform team's token. */
  async ask(
    method: string,
    pathname: string,
    options: { token?: string; body?: object; accept?: string } = {},
  ): Promise<Response> {
    const { body, accept } = options;
    const token = 'token' in options ? options.token : PLATFORM_TOKEN;
    return fetch(`${this.url}${pathname}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(accept && { accept }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  /** @throws Error - any answer but 200, with its text */
  async get<T>(pathname: string): Promise<T> {
    const response = await this.ask('GET', pathname);
    if (response.status !== 200) {
      throw new Error(
        `GET ${pathname}: ${response.status} ${await response.text()}`,
      );
    }
    return (await response.json()) as T;
  }

  /** The rows of a tier, all of them. */
  async rows<T>(tier: 'mirrors' | 'bases' | 'applications'): Promise<T[]> {
    const page = await this.get<{ items: T[] }>(
      `/api/imglife/v1/${tier}?limit=500&all=true`,
    );
    return page.items;
  }

  /** Starts a run and waits for its end. */
  async run(
    kind: 'sync' | 'build' | 'scan',
    target?: string,
  ): Promise<RealRun> {
    const response = await this.ask('POST', '/api/imglife/v1/runs', {
      body: { kind, ...(target && { target }) },
    });
    const { id } = (await response.json()) as { id: string };
    return this.endOfRun(id);
  }

  /** Waits until a run has ended. */
  async endOfRun(id: string, limitMs = RUN_MS): Promise<RealRun> {
    return this.waitFor(`the end of run ${id}`, limitMs, async () => {
      const run = await this.get<RealRun>(`/api/imglife/v1/runs/${id}`);
      return !['queued', 'running'].includes(run.state) && run;
    });
  }

  /** Runs the command line from source, as a pipeline of this portal would. */
  async cli(...args: string[]): Promise<ProgramResult> {
    return this.cliAs(CI_TOKEN, ...args);
  }

  /** Runs the command line with another token than that of a pipeline. */
  async cliAs(token: string, ...args: string[]): Promise<ProgramResult> {
    const { PATH, HOME } = process.env;
    return runProgram(
      process.execPath,
      [
        '--require',
        nodeTransform,
        path.join(repository, 'packages/cli/src/main.ts'),
        ...args,
      ],
      { env: { PATH, HOME, IMGLIFE_URL: this.url, IMGLIFE_TOKEN: token } },
    );
  }

  /** Waits for an end of its own making. @returns its exit code */
  async end(): Promise<number> {
    return this.#process.end();
  }

  /** Asks it to stop and waits. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** Process id of the backend. */
  get pid(): number {
    return this.#process.pid;
  }

  /**
   * How long its event loop was held up since this was asked last, in
   * milliseconds. Only of one that is `measured`.
   */
  async eventLoopDelay(): Promise<{ p99: number; max: number }> {
    const file = path.join(this.#folder, DELAY_FILE);
    await rm(file, { force: true });
    process.kill(this.pid, 'SIGUSR2');
    const text = await this.waitFor('the event loop delay', 10_000, () =>
      readFile(file, 'utf8'),
    );
    return JSON.parse(text);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }
}

function configOf(options: RealBackendOptions, port: number): object {
  const { databases, imglife, entities, readable } = options;
  const { externalAccess = [] } = options;
  const baseUrl = `http://127.0.0.1:${port}`;
  return {
    app: { title: 'imglife', baseUrl },
    backend: {
      baseUrl,
      listen: { host: '127.0.0.1', port },
      database: databases.config,
      ...(readable && { reading: { allow: [{ host: readable }] } }),
      auth: {
        externalAccess: [
          access(PLATFORM_TOKEN, 'platform', [
            { plugin: 'imglife' },
            { plugin: 'catalog' },
          ]),
          access(REGISTRATION_TOKEN, 'registrar', [
            { plugin: 'imglife', permission: 'imglife.registration.create' },
          ]),
          access(CI_TOKEN, 'ci', [
            {
              plugin: 'imglife',
              permission: 'imglife.registration.create, imglife.image.read',
            },
          ]),
          ...externalAccess,
        ],
      },
    },
    permission: { enabled: true },
    catalog: {
      rules: [{ allow: ['Component', 'Group', 'Resource'] }],
      locations: entities ? [{ type: 'file', target: entities }] : [],
    },
    imglife,
  };
}

function access(
  token: string,
  subject: string,
  accessRestrictions: object[],
): object {
  return { type: 'static', options: { token, subject }, accessRestrictions };
}
