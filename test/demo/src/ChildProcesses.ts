import { ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

const STOP_MS = 15_000;

/** Starts processes that end with this one. */
export class ChildProcesses {
  readonly #running = new Map<ChildProcess, Promise<void>>();
  #stopping = false;

  /** Starts one; its output goes to a file. `onExit` hears of an early end. */
  start(
    name: string,
    command: string,
    args: string[],
    options: {
      cwd: string;
      env: Record<string, string | undefined>;
      logFile: string;
      onExit: () => void;
    },
  ): void {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(options.logFile);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const ended = new Promise<void>(resolve => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    }).then(() => {
      this.#running.delete(child);
      if (!this.#stopping) {
        process.stderr.write(
          `demo: ${name} has ended; see ${options.logFile}\n`,
        );
        options.onExit();
      }
    });
    this.#running.set(child, ended);
  }

  /** Asks all to stop and waits; after 15 s they are killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const children = [...this.#running];
    for (const [child] of children) {
      child.kill('SIGTERM');
    }
    const timer = setTimeout(() => {
      for (const [child] of children) {
        child.kill('SIGKILL');
      }
    }, STOP_MS);
    await Promise.all(children.map(([, ended]) => ended));
    clearTimeout(timer);
  }
}
