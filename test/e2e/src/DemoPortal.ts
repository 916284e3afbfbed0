import { ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(
  path.dirname(require.resolve('@imglife/test-e2e/package.json')),
  '../..',
);
// the first one builds the front end, and the machine may be slow
const READY_MS = 400_000;

/** The whole demo as a process, on free ports, with data of its own. */
export class DemoPortal {
  readonly url: string;
  /** `host:port` of the registries */
  readonly upstream: string;
  readonly private: string;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(ports: number[], child: ChildProcess, directory: string) {
    this.url = `http://localhost:${ports[0]}`;
    this.upstream = `127.0.0.1:${ports[1]}`;
    this.private = `127.0.0.1:${ports[2]}`;
    this.#child = child;
    this.#directory = directory;
  }

  /** Starts it; the tiers are full when the promise resolves. */
  static async start(): Promise<DemoPortal> {
    const ports = [await freePort(), await freePort(), await freePort()];
    const directory = await mkdtemp(path.join(os.tmpdir(), 'imglife-e2e-'));
    const child = spawn(path.join(root, 'dev'), ['demo'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        IMGLIFE_PORTAL_PORT: String(ports[0]),
        IMGLIFE_DEMO_UPSTREAM_PORT: String(ports[1]),
        IMGLIFE_DEMO_PRIVATE_PORT: String(ports[2]),
        IMGLIFE_DEMO_DIRECTORY: directory,
      },
    });
    const portal = new DemoPortal(ports, child, directory);
    try {
      await portal.#ready();
      return portal;
    } catch (error) {
      await portal.stop();
      throw error;
    }
  }

  /**
   * Lets the registries hang, until {@link resumeRegistries}: the demo runs them
   * in its own process, and the portal in another.
   */
  pauseRegistries(): void {
    this.#child.kill('SIGSTOP');
  }

  /** Lets the registries answer again. */
  resumeRegistries(): void {
    this.#child.kill('SIGCONT');
  }

  /** Stops everything and removes the data. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.resumeRegistries();
      const ended = new Promise(resolve => this.#child.once('exit', resolve));
      this.#child.kill('SIGINT');
      await ended;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    let output = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the demo is not ready:\n${output}`)),
        READY_MS,
      );
      const hear = (chunk: Buffer) => {
        output += chunk;
        if (output.includes('The portal is on ')) {
          clearTimeout(timer);
          resolve();
        }
      };
      this.#child.stdout!.on('data', hear);
      this.#child.stderr!.on('data', hear);
      this.#child.once('exit', code => {
        clearTimeout(timer);
        reject(new Error(`the demo ended with ${code}:\n${output}`));
      });
    });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address ? address.port : 0),
      );
    });
  });
}
