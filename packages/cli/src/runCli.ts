import {
  ImglifeClient,
  ImglifeResponseError,
} from '@imglife/backstage-plugin-imglife-common';
import {
  type Command,
  CommanderError,
  type OutputConfiguration,
} from 'commander';
import type { CliContext } from './CliContext';
import { createProgram } from './createProgram';
import { exitCodes } from './exitCodes';
import { retryingFetch } from './retryingFetch';
import { UsageError } from './UsageError';

// What a header can carry (RFC 9110, 5.5), without blanks
const TOKEN = /^[\x21-\x7e]+$/;

/** Everything the command line takes from outside. @public */
export interface CliOptions {
  /** without the program's name */
  argv: string[];
  env: Record<string, string | undefined>;
  cwd: string;
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown; isTTY?: boolean };
  /** calls a listener on Ctrl-C; answers what takes the listener away */
  onInterrupt: (listener: () => void) => () => void;
  fetch: typeof fetch;
  /** milliseconds */
  sleep: (ms: number) => Promise<unknown>;
  /** milliseconds since 1970 */
  now: () => number;
  /** 0 to 1 */
  random: () => number;
}

/**
 * Runs one command.
 *
 * @returns the exit code, see {@link exitCodes}
 * @public
 */
export async function runCli(options: CliOptions): Promise<number> {
  const mask = maskOf(options.env.IMGLIFE_TOKEN?.trim());
  const writeOut = (text: string) => options.stdout.write(mask(text));
  const writeErr = (text: string) => options.stderr.write(mask(text));
  const context: CliContext = {
    env: options.env,
    cwd: options.cwd,
    print: line => writeOut(`${line}\n`),
    warn: line => writeErr(`${line}\n`),
    ...(hasBar(options) && {
      rewrite: (line: string) => writeErr(`\r\u001b[K${line}`),
    }),
    sleep: options.sleep,
    onInterrupt: options.onInterrupt,
    api: () => createClient(options),
  };
  let code: number = exitCodes.ok;
  let offlineOk = false;
  const program = createProgram(context, (result, command) => {
    code = result;
    offlineOk = command.offlineOk;
  });
  configureOutput(program, { writeOut, writeErr });
  try {
    await program.parseAsync(options.argv, { from: 'user' });
    return code;
  } catch (error) {
    offlineOk ||= options.argv.includes('--offline-ok');
    return report(error, offlineOk, context);
  }
}

/** A terminal that knows how to rewrite a line. */
function hasBar({ stderr, env }: CliOptions): boolean {
  return Boolean(stderr.isTTY) && env.TERM !== 'dumb' && !env.CI;
}

function configureOutput(command: Command, output: OutputConfiguration): void {
  command.configureOutput(output);
  command.exitOverride();
  command.commands.forEach(each => configureOutput(each, output));
}

function createClient(options: CliOptions): ImglifeClient {
  const { IMGLIFE_URL: url } = options.env;
  const token = options.env.IMGLIFE_TOKEN?.trim();
  if (!url || !URL.canParse(url)) {
    throw new UsageError(
      'IMGLIFE_URL is not set to the address of the portal, such as https://portal.example.com',
    );
  }
  const { username, password } = new URL(url);
  if (username || password) {
    throw new UsageError(
      'IMGLIFE_URL holds credentials: take them out, and give the token in IMGLIFE_TOKEN',
    );
  }
  if (token && !TOKEN.test(token)) {
    throw new UsageError(
      'IMGLIFE_TOKEN holds a blank, a line break or a character that no token has',
    );
  }
  const baseUrl = `${url
    .replace(/\/+$/, '')
    .replace(/\/api\/imglife$/, '')}/api/imglife`;
  return new ImglifeClient({
    baseUrl: async () => baseUrl,
    fetch: retryingFetch({
      ...options,
      ...(token && { authorization: `Bearer ${token}` }),
    }),
  });
}

function report(
  error: unknown,
  offlineOk: boolean,
  context: CliContext,
): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  const message = describe(error);
  if (isUsage(error)) {
    context.warn(`imglife: ${message}`);
    return exitCodes.usage;
  }
  if (offlineOk) {
    context.warn(`imglife: warning: not checked: ${message}`);
    return exitCodes.ok;
  }
  context.warn(`imglife: ${message}`);
  return exitCodes.unreachable;
}

function isUsage(error: unknown): boolean {
  return (
    error instanceof UsageError ||
    (error instanceof ImglifeResponseError &&
      error.status < 500 &&
      error.status !== 408 &&
      error.status !== 429)
  );
}

function describe(error: unknown): string {
  if (error instanceof ImglifeResponseError) {
    return `the portal answered ${error.status}: ${error.message}`;
  }
  if (error instanceof UsageError) {
    return error.message;
  }
  const cause = (error as Error)?.cause as NodeJS.ErrnoException | undefined;
  const detail = cause?.code ?? cause?.message;
  return `the portal cannot be reached: ${(error as Error)?.message ?? error}${
    detail ? ` (${detail})` : ''
  }`;
}

/** Whatever is written, the token is not in it. */
function maskOf(token: string | undefined): (text: string) => string {
  return text => (token ? text.replaceAll(token, '***') : text);
}
