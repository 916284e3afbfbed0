import { spawn, type ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { RegistryError } from '../errors';
import type { Environment } from '../transport/Environment';
import type { Credentials } from './CredentialSource';

/** Whose credentials to ask of which helper. */
export interface CredentialHelperRequest {
  /** `ecr-login` stands for the program `docker-credential-ecr-login`. */
  helper: string;
  /** Registry, for messages. */
  host: string;
  /** What the helper knows the registry by. */
  serverAddress: string;
  environment: Environment;
  /** Default 30 seconds. */
  timeLimitMs?: number;
}

const TIME_LIMIT_MS = 30_000;
const OUTPUT_LIMIT = 64 * 1024;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
// docker-credential-helpers, credentials/error.go
const NOT_FOUND = /credentials not found/i;
const answerSchema = z.looseObject({
  Username: z.string(),
  Secret: z.string().min(1),
});

/**
 * Asks a credential helper of docker (docker-credential-helpers: `get`, the
 * server address on standard input, JSON on standard output). Undefined when
 * it knows none. Throws RegistryError, which never holds what the helper said.
 */
export async function runCredentialHelper(
  request: CredentialHelperRequest,
): Promise<Credentials | undefined> {
  const { helper, host } = request;
  if (!NAME.test(helper)) {
    throw new RegistryError(
      'the name of its credential helper may hold letters, digits, ".", "_" and "-"',
      { host },
    );
  }
  const program = `docker-credential-${helper}`;
  const { code, output } = await run(program, request);
  if (code !== 0) {
    if (NOT_FOUND.test(output)) {
      return undefined;
    }
    throw new RegistryError(
      `${program} get ended with exit code ${code}; run it by hand to see why`,
      { host },
    );
  }
  const { Username: username, Secret: secret } = parseAnswer(output) ?? {};
  if (username === undefined || secret === undefined) {
    throw new RegistryError(
      `${program} get did not answer with Username and Secret`,
      { host },
    );
  }
  return fromPair(username, secret);
}

/** A user named `<token>` has an identity token instead of a password. */
export function fromPair(username: string, secret: string): Credentials {
  return username === '<token>'
    ? { identityToken: secret }
    : { username, password: secret };
}

function parseAnswer(output: string) {
  try {
    return answerSchema.parse(JSON.parse(output));
  } catch {
    return undefined;
  }
}

interface HelperOutcome {
  code: number | null;
  output: string;
}

function run(
  program: string,
  request: CredentialHelperRequest,
): Promise<HelperOutcome> {
  const { host, serverAddress, environment } = request;
  const { timeLimitMs = TIME_LIMIT_MS } = request;
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], {
      env: environment.variables as NodeJS.ProcessEnv,
      stdio: ['pipe', 'pipe', 'ignore'],
      // a group of its own: what the helper started ends with it
      detached: true,
    });
    const fail = (problem: string, retryable = false) => {
      endGroup(child);
      reject(new RegistryError(`${program} ${problem}`, { host, retryable }));
    };
    const limit = setTimeout(
      () => fail(`get did not answer within ${timeLimitMs} ms`, true),
      timeLimitMs,
    );
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > OUTPUT_LIMIT) {
        fail(`get said more than ${OUTPUT_LIMIT} bytes`);
      } else {
        chunks.push(chunk);
      }
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'ENOENT'
          ? 'is not installed, or not in the PATH of this process'
          : `cannot be started (${error.code})`,
      ),
    );
    child.on('close', code => {
      clearTimeout(limit);
      resolve({ code, output: Buffer.concat(chunks).toString('utf8') });
    });
    // a helper that ends without reading closes its end
    child.stdin.on('error', () => {});
    child.stdin.end(`${serverAddress}\n`);
  });
}

function endGroup(child: ChildProcess) {
  child.stdout?.destroy();
  try {
    if (child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL');
    }
  } catch {
    // it has ended by itself
  }
}
