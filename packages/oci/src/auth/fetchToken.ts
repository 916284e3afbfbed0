import { request, type Dispatcher } from 'undici';
import { z } from 'zod';
import { RegistryError } from '../errors';
import { errorLike } from '../transport/errorLike';
import { readBody } from '../transport/readBody';
import {
  isConnectionError,
  isRetryableStatus,
  parseRetryAfter,
} from '../transport/retryPolicy';

/** What a token server is asked for, and by whom. */
export interface TokenRequest {
  dispatcher: Dispatcher;
  /** Registry the token is for, for messages. */
  host: string;
  realm: URL;
  service?: string;
  scopes: string[];
  credentials?: { username: string; password: string };
  userAgent: string;
  now: () => Date;
}

/** A bearer token, and when to stop using it. */
export interface Token {
  token: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

const TIMEOUT_MS = 60_000;
const LIMIT = 1024 * 1024;
const DEFAULT_LIFE_S = 60;
const answerSchema = z.looseObject({
  token: z.string().min(1).optional(),
  access_token: z.string().min(1).optional(),
  expires_in: z.number().positive().optional(),
});

/** `Basic …` header of a user name and password (RFC 7617). */
export function basicAuthorization(credentials: {
  username: string;
  password: string;
}): string {
  const pair = `${credentials.username}:${credentials.password}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/**
 * Asks a token server for a token, anonymously without credentials
 * (distribution docs, spec/auth/token.md). Throws RegistryError.
 */
export async function fetchToken(asked: TokenRequest): Promise<Token> {
  const url = new URL(asked.realm);
  if (asked.service) {
    url.searchParams.set('service', asked.service);
  }
  asked.scopes.forEach(scope => url.searchParams.append('scope', scope));
  const { status, retryAfter, text } = await ask(asked, url);
  if (status !== 200) {
    const denied = [400, 401, 403].includes(status);
    throw new RegistryError(
      `the token server ${url.host} answered ${status}${
        denied ? `, check the credentials configured for ${asked.host}` : ''
      }`,
      {
        host: asked.host,
        status,
        retryable: isRetryableStatus(status),
        retryAfterMs: parseRetryAfter(retryAfter, asked.now()),
      },
    );
  }
  const answer = answerSchema.safeParse(parseJson(text));
  const token = answer.data?.token ?? answer.data?.access_token;
  if (token === undefined) {
    throw new RegistryError(`the token server ${url.host} sent no token`, {
      host: asked.host,
    });
  }
  const lifeMs = (answer.data?.expires_in ?? DEFAULT_LIFE_S) * 1000;
  const margin = Math.min(10_000, lifeMs / 10);
  return { token, expiresAt: asked.now().getTime() + lifeMs - margin };
}

async function ask(asked: TokenRequest, url: URL) {
  try {
    const response = await request(url, {
      dispatcher: asked.dispatcher,
      headers: {
        'user-agent': asked.userAgent,
        ...(asked.credentials && {
          authorization: basicAuthorization(asked.credentials),
        }),
      },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await readBody(response.body, LIMIT)).toString('utf8');
    const retryAfter = [response.headers['retry-after'] ?? []].flat()[0];
    return { status: response.statusCode, retryAfter, text };
  } catch (error) {
    const { name, message } = errorLike(error) ?? {};
    throw new RegistryError(
      `the token server ${url.host} cannot be read: ${message ?? error}`,
      {
        host: asked.host,
        retryable: isConnectionError(error) || name === 'TimeoutError',
        cause: error,
      },
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
