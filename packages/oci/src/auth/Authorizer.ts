import { RegistryError } from '../errors';
import type { Connections } from '../transport/Connections';
import {
  bearerService,
  wantedScopes,
  type BearerService,
} from './bearerService';
import { BearerTokens } from './BearerTokens';
import type { CredentialSource } from './CredentialSource';
import { basicAuthorization } from './fetchToken';
import { parseChallenges, type Challenge } from './parseChallenges';

/** Whose credentials an authorizer holds, and how it reaches token servers. */
export interface AuthorizerOptions {
  host: string;
  /** Of the registry; plain HTTP only where it is configured. */
  origin: URL;
  credentials: CredentialSource;
  connections: Connections;
  userAgent: string;
  now: () => Date;
}

const MAX_WIDENED = 1000;

/**
 * Finds the `Authorization` header of each request of one registry: basic, or
 * a bearer token per set of scopes (distribution docs, spec/auth/token.md).
 * Learns the scheme from the first 401.
 */
export class Authorizer {
  static create(options: AuthorizerOptions): Authorizer {
    return new Authorizer(options);
  }

  readonly #options: AuthorizerOptions;
  readonly #tokens: BearerTokens;
  /** Scopes that proved too few, with those the registry wanted. */
  readonly #widened = new Map<string, string[]>();
  #known: 'basic' | BearerService | undefined;

  private constructor(options: AuthorizerOptions) {
    this.#options = options;
    this.#tokens = BearerTokens.create(options);
  }

  /** Header to send up front, as far as known. Throws RegistryError. */
  async authorization(
    scopes: string[],
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const known = this.#known;
    if (known && known !== 'basic') {
      const asked = this.#widened.get(scopes.join(' ')) ?? scopes;
      return this.#tokens.authorization(known, asked, signal);
    }
    const credentials = await this.#options.credentials.get();
    if (credentials && 'token' in credentials) {
      return `Bearer ${credentials.token}`;
    }
    return known === 'basic' && credentials && 'username' in credentials
      ? basicAuthorization(credentials)
      : undefined;
  }

  /**
   * Header to try again with after a 401, or a 403 for want of scope, or
   * undefined when there is none better than the one refused. Throws
   * RegistryError.
   *
   * @param refused - the header the registry was not content with, if any.
   */
  async answer(
    status: number,
    header: string | string[] | undefined,
    scopes: string[],
    refused: string | undefined,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    if (status !== 401 && status !== 403) {
      return undefined;
    }
    const challenges = parseChallenges(header);
    const bearer = challenges.find(c => c.scheme === 'bearer');
    const narrow = bearer?.parameters.error === 'insufficient_scope';
    if (status === 403 && !narrow) {
      return undefined;
    }
    const credentials = await this.#options.credentials.get();
    if (credentials && 'token' in credentials) {
      // for those that come after, where the token is kept elsewhere
      this.#options.credentials.forget();
      return undefined;
    }
    const service = bearer && bearerService(bearer, this.#options);
    return bearer && service
      ? this.#answerBearer(bearer, service, scopes, refused, signal)
      : this.#answerBasic(challenges, refused);
  }

  async #answerBearer(
    challenge: Challenge,
    service: BearerService,
    scopes: string[],
    refused: string | undefined,
    signal?: AbortSignal,
  ): Promise<string> {
    this.#known = service;
    const wanted = wantedScopes(challenge);
    // own scopes first: some registries challenge with a placeholder
    const asked =
      refused || !scopes.length ? [...new Set([...scopes, ...wanted])] : scopes;
    if (refused) {
      await this.#tokens.forget(service, asked, refused);
    }
    const authorization = await this.#tokens.authorization(
      service,
      asked,
      signal,
    );
    if (asked.length > scopes.length && this.#widened.size < MAX_WIDENED) {
      this.#widened.set(scopes.join(' '), asked);
    }
    return authorization;
  }

  /** A bearer challenge that names no token server is answered like this too. */
  async #answerBasic(
    challenges: Challenge[],
    refused: string | undefined,
  ): Promise<string | undefined> {
    const { host, credentials: source } = this.#options;
    const bearer = challenges.find(c => c.scheme === 'bearer');
    const basic = challenges.some(c => c.scheme === 'basic');
    if (!basic && !bearer) {
      return undefined;
    }
    for (let look = 0; look < 2; look += 1) {
      const credentials = await source.get();
      if (credentials && 'username' in credentials) {
        this.#known = 'basic';
        const authorization = basicAuthorization(credentials);
        if (authorization !== refused) {
          return authorization;
        }
        // a password that is kept elsewhere may have changed there
        source.forget();
      }
    }
    if (!basic && !refused) {
      throw new RegistryError(
        `it asks for a token of '${
          bearer?.parameters.realm ?? ''
        }', which is no URL, and no name and password are configured to try instead`,
        { host, status: 401 },
      );
    }
    return undefined;
  }
}
