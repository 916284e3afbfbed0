import type { Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';
import { Agent, Pool, type Dispatcher } from 'undici';
import { Authorizer, type RegistryAuth } from '../auth/Authorizer';
import { RegistryError } from '../errors';
import { failureOf, statusFailure } from './failures';
import { RETRY, retryDelay } from './retryPolicy';
import { nextHop } from './nextHop';
import { Semaphore } from './Semaphore';
import type { Timing } from './Timing';

/** How one registry host is reached. */
export interface HostTransportOptions {
  /** As users write it, e.g. `docker.io`. */
  host: string;
  insecure: boolean;
  auth?: RegistryAuth;
  tls?: { ca?: string; cert?: string; key?: string };
  concurrency: number;
  userAgent: string;
  timing: Timing;
}

/** One request to the registry, repeated as the retry policy says. */
export interface HostRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query on the registry, or an absolute URL it gave us. */
  target: string | URL;
  headers?: Record<string, string>;
  /** Makes the body; called again when the request is sent again. */
  body?: () => Promise<Readable | Buffer>;
  /** Token scopes (distribution docs, spec/auth/scope.md). */
  scopes: string[];
  repository?: string;
  reference?: string;
  /** False for a body or session that cannot be used twice. Default true. */
  retry?: boolean;
  signal?: AbortSignal;
}

/** An answer with a 2xx status. */
export interface HostResponse {
  status: number;
  /** First value of a header, by its lower case name. */
  header(name: string): string | undefined;
  /** Must be read to its end, dumped or destroyed. */
  body: Dispatcher.ResponseData['body'];
  /** Where the answer came from, after redirects. */
  url: URL;
}

const HEADERS_TIMEOUT_MS = 60_000;
const BODY_TIMEOUT_MS = 300_000;
const MAX_REDIRECTS = 5;
const DUMP_LIMIT = 64 * 1024;

interface Raw extends HostResponse {
  headers: Dispatcher.ResponseData['headers'];
}

/**
 * Speaks HTTP with one registry over one keep-alive pool: authorization,
 * redirects, retries, and at most `concurrency` requests at a time. The slot
 * of a request is held until its handler is done, and never while sleeping.
 */
export class HostTransport {
  static create(options: HostTransportOptions): HostTransport {
    return new HostTransport(options);
  }

  readonly #options: HostTransportOptions;
  readonly #origin: URL;
  readonly #pool: Pool;
  readonly #elsewhere: Agent;
  readonly #authorizer: Authorizer;
  readonly #slots: Semaphore;
  #pausedUntil = 0;

  private constructor(options: HostTransportOptions) {
    const { host, insecure, auth, tls, userAgent, timing } = options;
    const authority = host === 'docker.io' ? 'registry-1.docker.io' : host;
    // a private authority is added to the public ones: layers may be stored elsewhere
    const ca = tls?.ca && [...getCACertificates('default'), tls.ca];
    this.#options = options;
    this.#origin = new URL(`${insecure ? 'http' : 'https'}://${authority}`);
    this.#pool = new Pool(this.#origin, {
      // one big window per blob instead of one shared by all
      allowH2: false,
      connect: { ...(ca && { ca }), cert: tls?.cert, key: tls?.key },
    });
    this.#elsewhere = new Agent({
      allowH2: false,
      connect: { ...(ca && { ca }) },
    });
    this.#authorizer = Authorizer.create({
      host,
      insecure,
      auth,
      userAgent,
      dispatcher: this.#elsewhere,
      now: timing.now,
    });
    this.#slots = Semaphore.create(options.concurrency);
  }

  /**
   * Sends a request and lets `handle` read the answer; both are repeated when
   * they fail in a way that may pass. Throws RegistryError, or the signal's
   * reason when aborted.
   */
  async send<T>(
    request: HostRequest,
    handle: (response: HostResponse) => Promise<T>,
  ): Promise<T> {
    const { timing } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(request, handle);
      } catch (error) {
        request.signal?.throwIfAborted();
        const failure = this.fail(error, request);
        const delay = retryDelay(attempt, failure, timing.random());
        if (request.retry === false || delay === undefined) {
          throw failure;
        }
        await timing.sleep(delay, request.signal);
      }
    }
  }

  /** Any error as a RegistryError of this host. */
  fail(
    error: unknown,
    request: { repository?: string; reference?: string },
  ): RegistryError {
    const { host, timing } = this.#options;
    const failure = failureOf(error, { host, ...request });
    const { retryAfterMs = 0 } = failure;
    if (
      failure.host === host &&
      failure.retryable &&
      retryAfterMs <= RETRY.maxRetryAfterMs
    ) {
      const until = timing.now().getTime() + retryAfterMs;
      this.#pausedUntil = Math.max(this.#pausedUntil, until);
    }
    return failure;
  }

  /** Absolute URL of a path on this registry, or of a `Location` it gave. */
  resolve(target: string | URL, base: URL = this.#origin): URL {
    return new URL(target, base);
  }

  /** Ends every connection at once, those in use included. */
  async close(): Promise<void> {
    await Promise.all([this.#pool.destroy(), this.#elsewhere.destroy()]);
  }

  async #attempt<T>(
    request: HostRequest,
    handle: (response: HostResponse) => Promise<T>,
  ): Promise<T> {
    const { scopes, signal } = request;
    const first = await this.#authorizer.authorization(scopes, signal);
    const outcome = await this.#round(request, first, handle, true);
    if (!('again' in outcome)) {
      return outcome.result;
    }
    const last = await this.#round(request, outcome.again, handle, false);
    return (last as { result: T }).result;
  }

  /**
   * One exchange. The body is opened before the slot is taken: it may be the
   * answer of this very host, which needs a slot of its own to begin.
   */
  async #round<T>(
    request: HostRequest,
    authorization: string | undefined,
    handle: (response: HostResponse) => Promise<T>,
    mayAnswer: boolean,
  ): Promise<{ result: T } | { again: string }> {
    const { signal } = request;
    await this.#pause(signal);
    const body = await request.body?.();
    let release: (() => void) | undefined;
    try {
      release = await this.#slots.acquire(signal);
      const response = await this.#follow(request, body, authorization);
      const again = mayAnswer
        ? await this.#answer(request, response, authorization)
        : undefined;
      if (again !== undefined) {
        await response.body.dump({ limit: DUMP_LIMIT, signal });
        return { again };
      }
      if (response.status < 200 || response.status > 299) {
        throw await statusFailure(response, {
          host: this.#options.host,
          method: request.method,
          repository: request.repository,
          reference: request.reference,
          now: this.#options.timing.now(),
        });
      }
      return { result: await handle(response) };
    } finally {
      release?.();
      if (body && !Buffer.isBuffer(body)) {
        body.destroy();
      }
    }
  }

  async #pause(signal?: AbortSignal) {
    const { timing } = this.#options;
    const wait = this.#pausedUntil - timing.now().getTime();
    if (wait > 0) {
      await timing.sleep(wait, signal);
    }
  }

  async #answer(
    { scopes, signal }: HostRequest,
    response: Raw,
    refused: string | undefined,
  ): Promise<string | undefined> {
    const ours = response.url.origin === this.#origin.origin;
    return response.status === 401 && ours
      ? this.#authorizer.answer(
          response.headers['www-authenticate'],
          scopes,
          refused,
          signal,
        )
      : undefined;
  }

  async #follow(
    request: HostRequest,
    body: Readable | Buffer | undefined,
    authorization: string | undefined,
  ): Promise<Raw> {
    const { host, insecure } = this.#options;
    const follows = request.method === 'GET' || request.method === 'HEAD';
    let url = this.resolve(request.target);
    let known = url.origin === this.#origin.origin;
    for (let hops = 0; ; hops += 1) {
      const response = await this.#dispatch(
        request,
        url,
        body,
        known ? authorization : undefined,
      );
      const location = response.header('location');
      if (!follows || !location || !isRedirect(response.status)) {
        return response;
      }
      await response.body.dump({ limit: DUMP_LIMIT, signal: request.signal });
      if (hops === MAX_REDIRECTS) {
        throw new RegistryError(
          `more than ${MAX_REDIRECTS} redirects, the last to ${url.host}`,
          { ...request, host },
        );
      }
      const next = nextHop(url, location, { insecure });
      if (typeof next === 'string') {
        throw new RegistryError(next, { ...request, host });
      }
      // once away from the registry, credentials do not come back
      known &&= next.origin === url.origin;
      url = next;
    }
  }

  async #dispatch(
    { method, headers, signal }: HostRequest,
    url: URL,
    body: Readable | Buffer | undefined,
    authorization: string | undefined,
  ): Promise<Raw> {
    const ours = url.origin === this.#origin.origin;
    const response = await (ours ? this.#pool : this.#elsewhere).request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      body,
      headers: {
        'user-agent': this.#options.userAgent,
        ...headers,
        ...(authorization && { authorization }),
      },
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: BODY_TIMEOUT_MS,
      signal,
    });
    return {
      status: response.statusCode,
      headers: response.headers,
      header: name => [response.headers[name] ?? []].flat()[0],
      body: response.body,
      url,
    };
  }
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}
