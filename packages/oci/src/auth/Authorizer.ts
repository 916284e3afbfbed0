import type { Dispatcher } from 'undici';
import { RegistryError } from '../errors';
import { basicAuthorization, fetchToken, type Token } from './fetchToken';
import { parseChallenges, type Challenge } from './parseChallenges';

/** A user with a password, or a token that is sent as it is. */
export type RegistryAuth =
  | { username: string; password: string }
  | { token: string };

/** Whose credentials an authorizer holds, and how it reaches token servers. */
export interface AuthorizerOptions {
  host: string;
  /** Whether the registry is spoken to in plain HTTP. */
  insecure: boolean;
  auth?: RegistryAuth;
  dispatcher: Dispatcher;
  userAgent: string;
  now: () => Date;
}

interface BearerService {
  realm: URL;
  service?: string;
}

/**
 * Finds the `Authorization` header of each request of one registry: basic, or
 * a bearer token per set of scopes, cached until it expires (distribution
 * docs, spec/auth/token.md). Learns the scheme from the first 401.
 */
export class Authorizer {
  static create(options: AuthorizerOptions): Authorizer {
    return new Authorizer(options);
  }

  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, Promise<Token>>();
  readonly #expiries = new Map<string, number>();
  #known: 'basic' | BearerService | undefined;

  private constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** Header to send up front, as far as known. Throws RegistryError. */
  async authorization(
    scopes: string[],
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const { auth } = this.#options;
    if (auth && 'token' in auth) {
      return `Bearer ${auth.token}`;
    }
    if (this.#known === 'basic') {
      return auth && basicAuthorization(auth);
    }
    return this.#known && this.#bearer(this.#known, scopes, signal);
  }

  /**
   * Header to try again with after a 401, or undefined when there is none
   * better than the one refused. Throws RegistryError.
   *
   * @param refused - the header the 401 answered, if any.
   */
  async answer(
    header: string | string[] | undefined,
    scopes: string[],
    refused: string | undefined,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const { auth } = this.#options;
    if (auth && 'token' in auth) {
      return undefined;
    }
    const challenges = parseChallenges(header);
    const bearer = challenges.find(c => c.scheme === 'bearer');
    if (!bearer) {
      return this.#answerBasic(challenges, refused);
    }
    const service = this.#service(bearer);
    this.#known = service;
    const wanted = bearer.parameters.scope?.split(' ').filter(Boolean) ?? [];
    // own scopes first: some registries challenge with a placeholder
    const asked =
      refused || !scopes.length ? [...new Set([...scopes, ...wanted])] : scopes;
    await this.#forget(service, asked, refused);
    return this.#bearer(service, asked, signal);
  }

  #answerBasic(
    challenges: Challenge[],
    refused: string | undefined,
  ): string | undefined {
    const { auth } = this.#options;
    const basic = challenges.some(c => c.scheme === 'basic');
    if (!basic || !auth || 'token' in auth) {
      return undefined;
    }
    this.#known = 'basic';
    const authorization = basicAuthorization(auth);
    return authorization === refused ? undefined : authorization;
  }

  #service({ parameters }: Challenge): BearerService {
    const { host, insecure } = this.#options;
    if (!URL.canParse(parameters.realm ?? '')) {
      throw new RegistryError(
        `it asks for a token of '${parameters.realm ?? ''}', which is no URL`,
        { host, status: 401 },
      );
    }
    const realm = new URL(parameters.realm);
    const schemes = insecure ? ['http:', 'https:'] : ['https:'];
    if (!schemes.includes(realm.protocol)) {
      throw new RegistryError(
        `it asks for a token of ${realm.origin}; credentials travel by https only, unless the registry is configured as insecure`,
        { host, status: 401 },
      );
    }
    return { realm, service: parameters.service };
  }

  async #bearer(
    service: BearerService,
    scopes: string[],
    signal?: AbortSignal,
  ): Promise<string> {
    const { now } = this.#options;
    const key = keyOf(service, scopes);
    const expiresAt = this.#expiries.get(key);
    if (expiresAt !== undefined && expiresAt <= now().getTime()) {
      this.#drop(key);
    }
    let pending = this.#tokens.get(key);
    if (!pending) {
      pending = this.#fetch(key, service, scopes);
      this.#tokens.set(key, pending);
    }
    const { token } = await abortable(pending, signal);
    return `Bearer ${token}`;
  }

  async #fetch(
    key: string,
    service: BearerService,
    scopes: string[],
  ): Promise<Token> {
    const { host, auth, dispatcher, userAgent, now } = this.#options;
    try {
      const token = await fetchToken({
        dispatcher,
        host,
        userAgent,
        now,
        realm: service.realm,
        service: service.service,
        scopes,
        credentials: auth && 'username' in auth ? auth : undefined,
      });
      this.#sweep(now().getTime());
      this.#expiries.set(key, token.expiresAt);
      return token;
    } catch (error) {
      this.#drop(key);
      throw error;
    }
  }

  async #forget(
    service: BearerService,
    scopes: string[],
    refused: string | undefined,
  ) {
    const key = keyOf(service, scopes);
    if (refused && this.#expiries.has(key)) {
      const held = await this.#tokens.get(key);
      // another request may have got a fresh one in the meantime
      if (held && `Bearer ${held.token}` === refused) {
        this.#drop(key);
      }
    }
  }

  #sweep(now: number) {
    for (const [key, expiresAt] of this.#expiries) {
      if (expiresAt <= now) {
        this.#drop(key);
      }
    }
  }

  #drop(key: string) {
    this.#tokens.delete(key);
    this.#expiries.delete(key);
  }
}

function keyOf(service: BearerService, scopes: string[]): string {
  return [
    service.realm.href,
    service.service ?? '',
    ...[...scopes].sort(),
  ].join(' ');
}

// a token is shared: who gives up waiting must not take it from the others
async function abortable<T>(
  pending: Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (!signal) {
    return pending;
  }
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
