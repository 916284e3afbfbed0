import { Authorizer } from '../auth/Authorizer';
import type { CredentialSource } from '../auth/CredentialSource';
import { QuotaExhaustedError, type RegistryError } from '../errors';
import { Connections, type AllowedHosts, type TlsOptions } from './Connections';
import type { Environment } from './Environment';
import { DUMP_LIMIT, Exchange } from './Exchange';
import { failureOf, statusFailure } from './failures';
import { HostGate } from './HostGate';
import type { HostRequest, HostResponse, RawResponse } from './HostRequest';
import { QuotaWatch } from './QuotaWatch';
import { readBody } from './readBody';
import { retryDelay } from './retryPolicy';
import type { Timeouts } from './Timeouts';
import type { Timing } from './Timing';
import { Warnings, type RegistryWarning } from './Warnings';

export type { HostRequest, HostResponse } from './HostRequest';

/** How one registry host is reached. */
export interface HostTransportOptions {
  /** As users write it, e.g. `docker.io`. */
  host: string;
  insecure: boolean;
  credentials: CredentialSource;
  tls?: TlsOptions;
  concurrency: number;
  requestsPerSecond?: number;
  userAgent: string;
  timing: Timing;
  timeouts: Timeouts;
  environment: Environment;
  allowedHosts: AllowedHosts;
  onWarning?(warning: RegistryWarning): void;
}

/**
 * Speaks HTTP with one registry over one keep-alive pool: authorization,
 * redirects, retries, and at most `concurrency` requests at a time, fewer
 * while it says it is busy. The slot of a request is held until its handler is
 * done, and never during a pause.
 */
export class HostTransport {
  static create(options: HostTransportOptions): HostTransport {
    return new HostTransport(options);
  }

  /** What the registry says of the requests left. */
  readonly quota: QuotaWatch;
  readonly #options: HostTransportOptions;
  readonly #origin: URL;
  readonly #connections: Connections;
  readonly #authorizer: Authorizer;
  readonly #gate: HostGate;
  readonly #exchange: Exchange;

  private constructor(options: HostTransportOptions) {
    const { host, insecure, tls, timing, timeouts, userAgent } = options;
    const authority = host === 'docker.io' ? 'registry-1.docker.io' : host;
    this.#options = options;
    this.#origin = new URL(`${insecure ? 'http' : 'https'}://${authority}`);
    this.quota = QuotaWatch.create(timing.now);
    this.#gate = HostGate.create(options);
    this.#connections = Connections.create({
      origin: this.#origin,
      tls,
      environment: options.environment,
      allowedHosts: options.allowedHosts,
      connectTimeoutMs: timeouts.connectMs,
    });
    this.#authorizer = Authorizer.create({
      host,
      origin: this.#origin,
      credentials: options.credentials,
      userAgent,
      connections: this.#connections,
      now: timing.now,
    });
    const warnings = Warnings.create(host, options.onWarning);
    this.#exchange = Exchange.create({
      host,
      origin: this.#origin,
      connections: this.#connections,
      userAgent,
      timeouts,
      turn: signal => this.#gate.turn(signal),
      answered: response => {
        this.#gate.answered(response.status);
        this.quota.observe(response.header);
        warnings.observe(response.headers.warning);
      },
    });
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

  /** Any error as a RegistryError of this host, whose wish to be left alone is heeded. */
  fail(
    error: unknown,
    request: { repository?: string; reference?: string },
  ): RegistryError {
    const { host } = this.#options;
    const failure = failureOf(error, { host, ...request });
    if (
      failure.host === host &&
      failure.status !== undefined &&
      failure.retryable &&
      failure.retryAfterMs !== undefined &&
      !(failure instanceof QuotaExhaustedError)
    ) {
      this.#gate.pause(failure.retryAfterMs);
    }
    return failure;
  }

  /** Absolute URL of a path on this registry, or of a `Location` it gave. */
  resolve(target: string | URL, base: URL = this.#origin): URL {
    return new URL(target, base);
  }

  /**
   * Reads a page elsewhere that tells something of this registry: as nobody,
   * once, without redirects, and only where the registry may lead to. Throws
   * what a failed connection throws, or the signal's reason.
   *
   * @param options - `limit` of the body in bytes
   */
  async readBeside(
    url: URL,
    options: { limit: number; signal: AbortSignal },
  ): Promise<{
    status: number;
    header(name: string): string | undefined;
    body: Buffer;
  }> {
    const { userAgent, timeouts } = this.#options;
    const { limit, signal } = options;
    const dispatcher = await this.#connections.dispatcherFor(url);
    const { statusCode, headers, body } = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers: { 'user-agent': userAgent, accept: 'application/json' },
      headersTimeout: timeouts.headersMs,
      bodyTimeout: timeouts.idleMs,
      signal,
    });
    return {
      status: statusCode,
      header: name => [headers[name] ?? []].flat()[0],
      body: await readBody(body, limit),
    };
  }

  /** Ends every connection at once, those in use included. */
  async close(): Promise<void> {
    await this.#connections.destroy();
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
    const { signal, urgent } = request;
    if (!urgent) {
      await this.#gate.untilOpen(signal);
    }
    const body = await request.body?.();
    let leave: (() => void) | undefined;
    try {
      leave = urgent ? undefined : await this.#gate.enter(signal);
      const response = await this.#exchange.send(request, body, authorization);
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
          recheckMs: () => this.quota.forgottenAfterMs(),
        });
      }
      return { result: await handle(response) };
    } finally {
      leave?.();
      if (body && !Buffer.isBuffer(body)) {
        body.destroy();
      }
    }
  }

  async #answer(
    { scopes, signal }: HostRequest,
    response: RawResponse,
    refused: string | undefined,
  ): Promise<string | undefined> {
    return response.url.origin === this.#origin.origin
      ? this.#authorizer.answer(
          response.status,
          response.headers['www-authenticate'],
          scopes,
          refused,
          signal,
        )
      : undefined;
  }
}
