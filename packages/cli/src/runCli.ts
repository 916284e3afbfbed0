import {
  ImglifeClient,
  ImglifeResponseError,
} from '@imglife/backstage-plugin-imglife-common';
import { CommanderError } from 'commander';
import type { CliContext } from './CliContext';
import { createProgram } from './createProgram';
import { exitCodes } from './exitCodes';
import { retryingFetch } from './retryingFetch';
import { UsageError } from './UsageError';

/** Everything the command line takes from outside. @public */
export interface CliOptions {
  /** without the program's name */
  argv: string[];
  env: Record<string, string | undefined>;
  cwd: string;
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  fetch: typeof fetch;
  /** milliseconds */
  sleep: (ms: number) => Promise<unknown>;
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
  const context: CliContext = {
    env: options.env,
    cwd: options.cwd,
    print: line => options.stdout.write(`${line}\n`),
    warn: line => options.stderr.write(`${line}\n`),
    api: () => createClient(options),
  };
  let code: number = exitCodes.ok;
  let offlineOk = false;
  const program = createProgram(context, (result, command) => {
    code = result;
    offlineOk = command.offlineOk;
  });
  program.configureOutput({
    writeOut: text => options.stdout.write(text),
    writeErr: text => options.stderr.write(text),
  });
  try {
    await program.parseAsync(options.argv, { from: 'user' });
    return code;
  } catch (error) {
    offlineOk ||= options.argv.includes('--offline-ok');
    return report(error, offlineOk, context, options.env);
  }
}

function createClient(options: CliOptions): ImglifeClient {
  const { IMGLIFE_URL: url, IMGLIFE_TOKEN: token } = options.env;
  if (!url || !URL.canParse(url)) {
    throw new UsageError(
      'IMGLIFE_URL is not set to the address of the portal, such as https://portal.example.com',
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
  env: Record<string, string | undefined>,
): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  const message = mask(describe(error), env.IMGLIFE_TOKEN);
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
      error.status >= 400 &&
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

function mask(text: string, token: string | undefined): string {
  return token ? text.replaceAll(token, '***') : text;
}
