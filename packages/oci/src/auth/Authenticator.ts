import { Dispatcher, request } from 'undici';
import { z } from 'zod';
import { RegistryError } from '../errors';
import { parseChallenges } from './parseChallenges';

/** Credentials of one registry host; none is anonymous. @public */
export type RegistryAuth =
  | { username: string; password: string }
  | { token: string };

const tokenSchema = z.looseObject({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
});

// Tokens without a lifetime live 60 s (distribution token specification).
const DEFAULT_LIFETIME_S = 60;
// A token is renewed before a request that it might not outlive.
const MARGIN_MS = 15_000;

interface CachedToken {
  header: string;
  expiresAt: number;
}

/**
 * Answers the challenges of one registry host and remembers what answered
 * them: Basic, or Bearer tokens by scope. Credentials are sent only to the host
 * itself and to the realm that it names.
 */
export class Authenticator {
  readonly #host: string;
  readonly #auth?: RegistryAuth;
  readonly #dispatcher: Dispatcher;
  readonly #now: () => number;
  readonly #tokens = new Map<string, CachedToken>();
  #basic?: string;

  constructor(options: {
    host: string;
    auth?: RegistryAuth;
    dispatcher: Dispatcher;
    now: () => number;
  }) {
    this.#host = options.host;
    this.#auth = options.auth;
    this.#dispatcher = options.dispatcher;
    this.#now = options.now;
  }

  /** The header for a request of that scope, from what is known by now. */
  header(scope: string): string | undefined {
    if (this.#auth && 'token' in this.#auth) {
      return `Bearer ${this.#auth.token}`;
    }
    const token = this.#tokens.get(scope);
    return token && token.expiresAt - MARGIN_MS > this.#now()
      ? token.header
      : this.#basic;
  }

  /**
   * Takes up the challenge of a 401 answer.
   *
   * @returns whether a repeat has a chance
   * @throws RegistryError - the token server refused or failed
   */
  async answer(
    challenge: string,
    scope: string,
    signal?: AbortSignal,
  ): Promise<boolean> {
    if (this.#auth && 'token' in this.#auth) {
      return false;
    }
    const challenges = parseChallenges(challenge);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer?.parameters.realm) {
      await this.#fetchToken(bearer.parameters, scope, signal);
      return true;
    }
    const basic = challenges.some(({ scheme }) => scheme === 'basic');
    if (basic && this.#auth && !this.#basic) {
      this.#basic = basicHeader(this.#auth);
      return true;
    }
    return false;
  }

  async #fetchToken(
    parameters: Record<string, string>,
    scope: string,
    signal?: AbortSignal,
  ): Promise<void> {
    const url = this.#realm(parameters.realm);
    if (parameters.service) {
      url.searchParams.set('service', parameters.service);
    }
    // What the registry asks for wins: some name another scope than ours
    url.searchParams.set('scope', parameters.scope || scope);
    const answer = await request(url, {
      dispatcher: this.#dispatcher,
      signal,
      headers:
        this.#auth && 'username' in this.#auth
          ? { authorization: basicHeader(this.#auth) }
          : {},
    });
    const body = await answer.body.text();
    if (answer.statusCode !== 200) {
      throw new RegistryError(
        `the token server ${url.host} answered ${answer.statusCode}: check the credentials configured for this host`,
        {
          host: this.#host,
          status: answer.statusCode,
          retryable: answer.statusCode >= 500 || answer.statusCode === 429,
        },
      );
    }
    this.#tokens.set(scope, this.#readToken(body, url));
  }

  #realm(realm: string): URL {
    try {
      return new URL(realm);
    } catch {
      throw new RegistryError(
        `the realm ${JSON.stringify(realm)} of its challenge is not a URL`,
        { host: this.#host },
      );
    }
  }

  #readToken(body: string, url: URL): CachedToken {
    const parsed = tokenSchema.safeParse(parseJson(body));
    const token = parsed.data?.token ?? parsed.data?.access_token;
    if (!token) {
      throw new RegistryError(`the token server ${url.host} gave no token`, {
        host: this.#host,
      });
    }
    const lifetime = parsed.data?.expires_in ?? DEFAULT_LIFETIME_S;
    return {
      header: `Bearer ${token}`,
      expiresAt: this.#now() + lifetime * 1000,
    };
  }
}

function basicHeader(auth: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString(
    'base64',
  )}`;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
