import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { ServiceUnavailableError } from '@backstage/errors';
import { maskSecrets } from './maskSecrets';

const KILL_AFTER_MS = 5_000;
const SHOWN_LINES = 8;
const MAX_LINE = 2_000;

// What a builder may know of our environment; all else, secrets above all, stays here.
const PASSED = [
  'PATH',
  'LANG',
  'TZ',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

/** One call of a builder's program. */
export interface ProgramCall {
  /** name in PATH, or absolute file */
  program: string;
  args: string[];
  /** laid over the few variables that are passed on */
  env?: Record<string, string>;
  cwd: string;
  /** never shown, wherever they turn up in what the program says */
  secrets: string[];
  /** what to do where the program is missing; of builders when undefined */
  cure?: string;
  log(line: string): void;
  /** stops the program and all it has started */
  signal: AbortSignal;
}

/**
 * Runs the programs of builders: argument lists without a shell, a small
 * environment, what they say line by line in the log, secrets masked.
 */
export class BuilderProgram {
  readonly #environment: NodeJS.ProcessEnv;

  /** @param options - `environment`: of our process; only a few variables are passed on */
  static create(options: { environment: NodeJS.ProcessEnv }): BuilderProgram {
    return new BuilderProgram(options.environment);
  }

  private constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /**
   * Runs a program to its end.
   *
   * @returns what it wrote to standard output, one line or a few
   * @throws ServiceUnavailableError - the program is missing
   * @throws Error - it failed, with the last lines it said; or the signal's reason
   */
  async run(call: ProgramCall): Promise<string> {
    const { program, args, cwd, signal } = call;
    signal.throwIfAborted();
    // a group of its own, so that its children end with it
    const child = spawn(program, args, {
      cwd,
      env: this.#env(call),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    const listen = (line: string) => {
      // masked first: half of a secret at the cut is no longer known as one
      const shown = maskSecrets(line, call.secrets).slice(0, MAX_LINE);
      said.push(shown);
      said.splice(0, said.length - SHOWN_LINES);
      call.log(shown);
    };
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-MAX_LINE);
    });
    const lines = [child.stdout, child.stderr].map(input =>
      createInterface({ input, crlfDelay: Infinity }).on('line', listen),
    );
    const stop = stopper(child.pid);
    signal.addEventListener('abort', stop.stop, { once: true });
    try {
      const code = await new Promise<number | string>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (exit, killedBy) => resolve(exit ?? killedBy ?? 1));
      });
      signal.throwIfAborted();
      if (code !== 0) {
        throw new Error(`${program} ended with ${code}: ${said.join(' | ')}`);
      }
      return stdout.trim();
    } catch (error) {
      throw missing(call, error);
    } finally {
      signal.removeEventListener('abort', stop.stop);
      stop.done();
      lines.forEach(line => line.close());
    }
  }

  /** The absolute file of a program, if there is one. */
  async find(program: string): Promise<string | undefined> {
    const folders = program.includes('/')
      ? ['']
      : (this.#environment.PATH ?? '').split(delimiter);
    for (const folder of folders) {
      const file = join(folder, program);
      const isThere = await access(file, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) {
        return file;
      }
    }
    return undefined;
  }

  #env(call: ProgramCall): NodeJS.ProcessEnv {
    const passed = PASSED.flatMap(name => {
      const value = this.#environment[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return { ...Object.fromEntries(passed), ...call.env };
  }
}

function missing({ program, cure }: ProgramCall, error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? new ServiceUnavailableError(
        `The program ${program} is not installed where the backend runs; ${
          cure ??
          'install it, or choose another builder under imglife.bases.builder'
        }`,
      )
    : error;
}

/** Ends a process group: politely, then for good. */
function stopper(pid: number | undefined) {
  let timer: NodeJS.Timeout | undefined;
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (pid !== undefined) {
        process.kill(-pid, signal);
      }
    } catch {
      // it has ended already
    }
  };
  return {
    stop: () => {
      kill('SIGTERM');
      timer = setTimeout(() => kill('SIGKILL'), KILL_AFTER_MS);
    },
    done: () => clearTimeout(timer),
  };
}
