import { RegistryError } from '../errors';
import type { Connections } from '../transport/Connections';
import { tokenKey, type BearerService } from './bearerService';
import type { Credentials, CredentialSource } from './CredentialSource';
import { fetchToken, type Token } from './fetchToken';

/** For whom tokens are fetched, and how. */
export interface BearerTokensOptions {
  host: string;
  credentials: CredentialSource;
  connections: Connections;
  userAgent: string;
  now: () => Date;
}

/**
 * The bearer tokens of one registry, one per set of scopes, each fetched once
 * for all who want it and anew before it expires.
 */
export class BearerTokens {
  static create(options: BearerTokensOptions): BearerTokens {
    return new BearerTokens(options);
  }

  readonly #options: BearerTokensOptions;
  readonly #tokens = new Map<string, Promise<Token>>();
  readonly #expiries = new Map<string, number>();
  /** The refresh token that took the place of the configured one. */
  #successor: { of: string; token: string } | undefined;

  private constructor(options: BearerTokensOptions) {
    this.#options = options;
  }

  /** `Bearer …`. Throws RegistryError, or the signal's reason. */
  async authorization(
    service: BearerService,
    scopes: string[],
    signal?: AbortSignal,
  ): Promise<string> {
    const now = this.#options.now().getTime();
    const key = tokenKey(service, scopes);
    const expiresAt = this.#expiries.get(key);
    if (expiresAt !== undefined && expiresAt <= now) {
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

  /** Forgets a token that was refused, unless a fresh one has come meanwhile. */
  async forget(
    service: BearerService,
    scopes: string[],
    refused: string,
  ): Promise<void> {
    const key = tokenKey(service, scopes);
    if (this.#expiries.has(key)) {
      const held = await this.#tokens.get(key);
      if (held && `Bearer ${held.token}` === refused) {
        this.#drop(key);
      }
    }
  }

  async #fetch(
    key: string,
    service: BearerService,
    scopes: string[],
  ): Promise<Token> {
    try {
      const token = await this.#exchange(service, scopes);
      this.#sweep(this.#options.now().getTime());
      this.#expiries.set(key, token.expiresAt);
      return token;
    } catch (error) {
      this.#drop(key);
      throw error;
    }
  }

  /** Credentials that were refused are looked for anew, once. */
  async #exchange(service: BearerService, scopes: string[]): Promise<Token> {
    const source = this.#options.credentials;
    const credentials = await source.get();
    try {
      return await this.#ask(service, scopes, credentials);
    } catch (error) {
      const refused =
        error instanceof RegistryError &&
        [400, 401, 403].includes(error.status ?? 0);
      if (!refused) {
        throw error;
      }
      source.forget();
      const fresh = await source.get();
      if (JSON.stringify(fresh) === JSON.stringify(credentials)) {
        throw error;
      }
      return this.#ask(service, scopes, fresh);
    }
  }

  async #ask(
    service: BearerService,
    scopes: string[],
    credentials: Credentials | undefined,
  ): Promise<Token> {
    const { host, connections, userAgent, now } = this.#options;
    const request = { host, connections, userAgent, now, ...service, scopes };
    if (!credentials || !('identityToken' in credentials)) {
      return fetchToken({
        ...request,
        credentials:
          credentials && 'username' in credentials ? credentials : undefined,
      });
    }
    const { identityToken } = credentials;
    const successor = this.#successor;
    const current =
      successor?.of === identityToken ? successor.token : identityToken;
    const token = await fetchToken({
      ...request,
      credentials: { identityToken: current },
    });
    if (token.refreshToken) {
      this.#successor = { of: identityToken, token: token.refreshToken };
    }
    return token;
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
