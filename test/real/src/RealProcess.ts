import { ChildProcess, spawn } from 'node:child_process';
import { waitFor } from './waitFor';

const STOP_MS = 20_000;
const SHOWN = 6_000;

/** A server process of a test: what it says is kept, and it can be killed. */
export class RealProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #output = '';
  #running = true;

  /** @param name - for errors */
  static start(
    name: string,
    program: string,
    args: string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ): RealProcess {
    return new RealProcess(
      name,
      spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  }

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', chunk => {
        this.#output += chunk;
      });
    }
    this.#ended = new Promise(resolve => {
      child.once('error', error => {
        this.#output += error;
        resolve(1);
      });
      child.once('close', code => resolve(code ?? 1));
    });
    void this.#ended.then(() => {
      this.#running = false;
    });
  }

  /** Process id; 0 when it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** All it has written so far, standard output and error together. */
  get output(): string {
    return this.#output;
  }

  /**
   * Asks again and again until there is an answer other than undefined or
   * false.
   *
   * @throws Error - it has ended, with the last of what it said; or the time
   *   is over, with the last error of `ask`
   */
  async waitFor<T>(
    what: string,
    limitMs: number,
    ask: () => Promise<T | undefined | false>,
  ): Promise<T> {
    return waitFor(what, limitMs, ask, () => {
      if (!this.#running) {
        throw new Error(
          `${this.#name} has ended:\n${this.#output.slice(-SHOWN)}`,
        );
      }
    });
  }

  /**
   * Waits until it is up; one that does not come up is killed.
   *
   * @throws Error - as {@link RealProcess.waitFor}
   */
  async untilUp<T>(
    limitMs: number,
    ask: () => Promise<T | undefined | false>,
  ): Promise<T> {
    try {
      return await this.waitFor(`${this.#name} to start`, limitMs, ask);
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Waits for its own end. @returns its exit code; a signal counts as 1 */
  async end(): Promise<number> {
    return this.#ended;
  }

  /** Asks it to stop and waits; after 20 s it is killed. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
