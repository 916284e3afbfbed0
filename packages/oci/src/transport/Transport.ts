import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, Dispatcher, request } from 'undici';
import { Authenticator, RegistryAuth } from '../auth/Authenticator';
import { RegistryError, RegistryErrorOptions } from '../errors';
import {
  DEFAULT_RETRY,
  isRetryableStatus,
  retryDelayMs,
  RetryPolicy,
} from './retryPolicy';
import { Semaphore } from './Semaphore';

const HUB_HOST = 'registry-1.docker.io';
const HEADERS_TIMEOUT_MS = 60_000;
const BODY_TIMEOUT_MS = 300_000;
const MAX_REDIRECTS = 5;
const MAX_ERROR_BYTES = 16_384;

/** What a request sends; a function, so that an attempt can be repeated. */
export type BodyFactory = () => Readable | Uint8Array | Promise<Readable>;

/** One request to the registry. */
export interface TransportRequest {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';
  /** path with query, or an absolute URL that the registry gave */
  url: string;
  repository: string;
  /** tag or digest, for errors */
  reference?: string;
  actions: 'pull' | 'pull,push' | 'delete' | 'pull,push,delete';
  headers?: Record<string, string>;
  body?: BodyFactory;
  /** statuses that are no error */
  expect: number[];
  signal?: AbortSignal;
}

/** An answer; the body must be read or dumped. */
export type TransportResponse = Dispatcher.ResponseData;

/** Options of {@link Transport}. */
export interface TransportOptions {
  host: string;
  insecure?: boolean;
  auth?: RegistryAuth;
  tls?: { ca?: string; cert?: string; key?: string };
  concurrency: number;
  userAgent: string;
  retry?: RetryPolicy;
  random?: () => number;
  now?: () => number;
}

/**
 * HTTP to one registry host: one keep-alive pool, authentication, redirects
 * without credentials, retries, and a limit of requests at once. A slot is held
 * until the headers of an answer have come, so that a stream from a host into
 * the same host cannot wait for itself.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #agent: Agent;
  readonly #authenticator: Authenticator;
  readonly #slots: Semaphore;
  readonly #origin: string;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#agent = new Agent({
      keepAliveTimeout: 30_000,
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: BODY_TIMEOUT_MS,
      connect: options.tls,
    });
    this.#authenticator = new Authenticator({
      host: options.host,
      auth: options.auth,
      dispatcher: this.#agent,
      now: options.now ?? Date.now,
    });
    this.#slots = new Semaphore(options.concurrency);
    const host = options.host === 'docker.io' ? HUB_HOST : options.host;
    this.#origin = `${options.insecure ? 'http' : 'https'}://${host}`;
  }

  /** @throws RegistryError - the answer was not expected, or there was none */
  async send(sent: TransportRequest): Promise<TransportResponse> {
    const {
      retry = DEFAULT_RETRY,
      random = Math.random,
      now = Date.now,
    } = this.#options;
    for (let attempt = 1; ; attempt++) {
      let retryAfter: string | undefined;
      try {
        const response = await this.#attempt(sent);
        if (sent.expect.includes(response.statusCode)) {
          return response;
        }
        retryAfter = single(response.headers['retry-after']);
        throw await this.#refusal(sent, response);
      } catch (thrown) {
        sent.signal?.throwIfAborted();
        const error = this.#toError(sent, thrown);
        if (!error.retryable || attempt >= retry.attempts) {
          throw error;
        }
        const wait = retryDelayMs(retry, attempt, random(), retryAfter, now());
        await delay(wait, undefined, { signal: sent.signal });
      }
    }
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #attempt(sent: TransportRequest): Promise<TransportResponse> {
    const scope = `repository:${sent.repository}:${sent.actions}`;
    const known = this.#authenticator.header(scope);
    const response = await this.#follow(sent, known);
    if (response.statusCode !== 401) {
      return response;
    }
    const challenge = single(response.headers['www-authenticate']);
    if (!challenge) {
      return response;
    }
    await response.body.dump();
    const answered = await this.#authenticator.answer(
      challenge,
      scope,
      sent.signal,
    );
    if (!answered) {
      throw new RegistryError(
        'the registry refuses the credentials (401): check imglife.registries for this host',
        { ...this.#where(sent), status: 401, code: 'UNAUTHORIZED' },
      );
    }
    return this.#follow(sent, this.#authenticator.header(scope));
  }

  /** Follows redirects; credentials stay with the registry's own origin. */
  async #follow(
    sent: TransportRequest,
    authorization: string | undefined,
  ): Promise<TransportResponse> {
    let url = new URL(sent.url, this.#origin);
    for (let hop = 0; ; hop++) {
      const own = url.origin === new URL(this.#origin).origin;
      const response = await this.#once(
        sent,
        url,
        own ? authorization : undefined,
      );
      const location = single(response.headers.location);
      const redirected =
        [301, 302, 303, 307, 308].includes(response.statusCode) && location;
      if (!redirected || !['GET', 'HEAD'].includes(sent.method)) {
        return response;
      }
      await response.body.dump();
      const next = new URL(location, url);
      if (hop >= MAX_REDIRECTS) {
        throw new RegistryError(
          `more than ${MAX_REDIRECTS} redirects`,
          this.#where(sent),
        );
      }
      if (url.protocol === 'https:' && next.protocol !== 'https:') {
        throw new RegistryError(
          `redirect to ${next.protocol}//${next.host} leaves https`,
          this.#where(sent),
        );
      }
      url = next;
    }
  }

  async #once(
    sent: TransportRequest,
    url: URL,
    authorization: string | undefined,
  ): Promise<TransportResponse> {
    const release = await this.#slots.acquire(sent.signal);
    try {
      return await request(url, {
        dispatcher: this.#agent,
        method: sent.method,
        signal: sent.signal,
        body: sent.body ? await sent.body() : undefined,
        headers: {
          'user-agent': this.#options.userAgent,
          ...sent.headers,
          ...(authorization && { authorization }),
        },
      });
    } finally {
      release();
    }
  }

  async #refusal(
    sent: TransportRequest,
    response: TransportResponse,
  ): Promise<RegistryError> {
    const { statusCode } = response;
    const { code, message } = await readErrorBody(response);
    const detail = [code, message].filter(Boolean).join(': ');
    return new RegistryError(
      `${sent.method} answered ${statusCode}${detail ? ` (${detail})` : ''}`,
      {
        ...this.#where(sent),
        status: statusCode,
        code,
        retryable: isRetryableStatus(statusCode),
      },
    );
  }

  #toError(sent: TransportRequest, thrown: unknown): RegistryError {
    if (thrown instanceof RegistryError) {
      return thrown;
    }
    const reason = thrown instanceof Error ? thrown : new Error(String(thrown));
    // A body that fails while it is sent carries its own registry error
    const cause =
      reason.cause instanceof RegistryError ? reason.cause : undefined;
    return (
      cause ??
      new RegistryError(`${sent.method} failed: ${describe(reason)}`, {
        ...this.#where(sent),
        retryable: true,
        cause: reason,
      })
    );
  }

  #where(sent: TransportRequest): RegistryErrorOptions {
    return {
      host: this.#options.host,
      repository: sent.repository,
      reference: sent.reference,
    };
  }
}

/** The first value of a header. */
export function single(
  value: string | string[] | undefined,
): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function describe(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return error.message || code || error.name;
}

async function readErrorBody(
  response: TransportResponse,
): Promise<{ code?: string; message?: string }> {
  let text = '';
  try {
    for await (const chunk of response.body) {
      text += chunk;
      if (text.length > MAX_ERROR_BYTES) {
        break;
      }
    }
    const [first] = JSON.parse(text).errors;
    return { code: String(first.code), message: String(first.message ?? '') };
  } catch {
    return {};
  }
}
