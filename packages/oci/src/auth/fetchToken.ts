import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { RegistryError } from '../errors';
import type { Connections } from '../transport/Connections';
import { errorLike } from '../transport/errorLike';
import { readBody } from '../transport/readBody';
import {
  isConnectionError,
  isRetryableStatus,
  parseRetryAfter,
} from '../transport/retryPolicy';

/** What a token server is asked for, and by whom. */
export interface TokenRequest {
  connections: Connections;
  /** Registry the token is for, for messages. */
  host: string;
  realm: URL;
  service?: string;
  scopes: string[];
  /** A name with a password, or a refresh token; nobody without. */
  credentials?:
    | { username: string; password: string }
    | { identityToken: string };
  userAgent: string;
  now: () => Date;
}

/** A bearer token, and when to stop using it. */
export interface Token {
  token: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** Takes the place of the refresh token it was asked for with. */
  refreshToken?: string;
}

const TIMEOUT_MS = 60_000;
const LIMIT = 1024 * 1024;
/** Of a token that does not say, or says less (distribution docs, spec/auth/token.md). */
const MIN_LIFE_S = 60;
const text = z.string().min(1).optional();
const answerSchema = z.looseObject({
  token: text,
  access_token: text,
  refresh_token: text,
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
 * Asks a token server for a token: anonymously or by name with GET
 * (distribution docs, spec/auth/token.md), with a refresh token by POST
 * (spec/auth/oauth.md). Throws RegistryError.
 */
export async function fetchToken(asked: TokenRequest): Promise<Token> {
  const { host, realm, now } = asked;
  const askedAt = now().getTime();
  const { status, retryAfter, body } = await ask(asked);
  if (status !== 200) {
    const denied = [400, 401, 403].includes(status);
    throw new RegistryError(
      `the token server ${realm.host} answered ${status}${
        denied ? `, check the credentials configured for ${host}` : ''
      }`,
      {
        host,
        status,
        retryable: isRetryableStatus(status),
        retryAfterMs: parseRetryAfter(retryAfter, now()),
      },
    );
  }
  const answer = answerSchema.safeParse(parseJson(body)).data;
  const token = answer?.token ?? answer?.access_token;
  if (token === undefined) {
    throw new RegistryError(`the token server ${realm.host} sent no token`, {
      host,
    });
  }
  const lifeMs = Math.max(MIN_LIFE_S, answer?.expires_in ?? 0) * 1000;
  const margin = Math.min(10_000, lifeMs / 10);
  return {
    token,
    expiresAt: askedAt + lifeMs - margin,
    refreshToken: answer?.refresh_token,
  };
}

type Message = Pick<
  Dispatcher.RequestOptions,
  'method' | 'origin' | 'path' | 'headers' | 'body'
>;

function messageOf(asked: TokenRequest): Message {
  const { realm, service, scopes, credentials, userAgent } = asked;
  const url = new URL(realm);
  if (credentials && 'identityToken' in credentials) {
    return {
      method: 'POST',
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      headers: {
        'user-agent': userAgent,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        service: service ?? '',
        client_id: 'imglife',
        scope: scopes.join(' '),
        refresh_token: credentials.identityToken,
      }).toString(),
    };
  }
  if (service) {
    url.searchParams.set('service', service);
  }
  scopes.forEach(scope => url.searchParams.append('scope', scope));
  return {
    method: 'GET',
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    headers: {
      'user-agent': userAgent,
      ...(credentials && { authorization: basicAuthorization(credentials) }),
    },
  };
}

async function ask(asked: TokenRequest) {
  const { connections, host, realm } = asked;
  try {
    const dispatcher = await connections.dispatcherFor(realm);
    const response = await dispatcher.request({
      ...messageOf(asked),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = (await readBody(response.body, LIMIT)).toString('utf8');
    const retryAfter = [response.headers['retry-after'] ?? []].flat()[0];
    return { status: response.statusCode, retryAfter, body };
  } catch (error) {
    const { name, message } = errorLike(error) ?? {};
    throw new RegistryError(
      `the token server ${realm.host} cannot be read: ${message ?? error}`,
      {
        host,
        retryable: isConnectionError(error) || name === 'TimeoutError',
        cause: error,
      },
    );
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
