import type { Readable } from 'node:stream';
import { RegistryError } from '../errors';
import type { Connections } from './Connections';
import type { HostRequest, RawResponse } from './HostRequest';
import { nextHop } from './nextHop';
import type { Timeouts } from './Timeouts';

/** How requests of one registry are sent. */
export interface ExchangeOptions {
  host: string;
  origin: URL;
  connections: Connections;
  userAgent: string;
  timeouts: Timeouts;
  /** Waits for the turn of a request to the registry itself. */
  turn(signal?: AbortSignal): Promise<void>;
  /** Is told of every answer of the registry itself. */
  answered(response: RawResponse): void;
}

const MAX_REDIRECTS = 5;
/** An answer nobody reads is read to here, so that its connection is kept. */
export const DUMP_LIMIT = 64 * 1024;
const HIGH_WATER_MARK = 256 * 1024;

/**
 * One request and its redirects, each host checked before it is contacted. The
 * credentials go to the registry's own origin, and not back to it after a
 * redirect elsewhere.
 */
export class Exchange {
  static create(options: ExchangeOptions): Exchange {
    return new Exchange(options);
  }

  readonly #options: ExchangeOptions;

  private constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /**
   * Sends the request with a body that was opened for it; destroys that body
   * when it is done. Throws RegistryError for redirects that are not followed,
   * and whatever a failed connection throws.
   */
  async send(
    request: HostRequest,
    opened: Readable | Buffer | undefined,
    authorization: string | undefined,
  ): Promise<RawResponse> {
    const { origin } = this.#options;
    let url = new URL(request.target, origin);
    let known = url.origin === origin.origin;
    let body = opened;
    try {
      for (let hops = 0; ; hops += 1) {
        const response = await this.#dispatch(
          request,
          url,
          body,
          known ? authorization : undefined,
        );
        const location = response.header('location');
        if (!location || !isFollowed(request.method, response.status)) {
          return response;
        }
        await response.body.dump({ limit: DUMP_LIMIT, signal: request.signal });
        const next = this.#next(request, url, location, hops);
        // once away from the registry, credentials do not come back
        known &&= next.origin === url.origin;
        url = next;
        destroy(body);
        body = await request.body?.();
      }
    } finally {
      destroy(body);
    }
  }

  #next(request: HostRequest, url: URL, location: string, hops: number): URL {
    const { host } = this.#options;
    const { repository, reference } = request;
    const next =
      hops < MAX_REDIRECTS
        ? nextHop(url, location)
        : `more than ${MAX_REDIRECTS} redirects, the last to ${url.host}`;
    if (typeof next === 'string') {
      throw new RegistryError(next, { host, repository, reference });
    }
    return next;
  }

  async #dispatch(
    { method, headers, signal }: HostRequest,
    url: URL,
    body: Readable | Buffer | undefined,
    authorization: string | undefined,
  ): Promise<RawResponse> {
    const { origin, connections, userAgent, timeouts } = this.#options;
    const own = url.origin === origin.origin;
    const dispatcher = await connections.dispatcherFor(url);
    if (own) {
      await this.#options.turn(signal);
    }
    const response = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      body,
      headers: {
        'user-agent': userAgent,
        ...headers,
        ...(authorization && { authorization }),
      },
      headersTimeout: body ? timeouts.commitMs : timeouts.headersMs,
      bodyTimeout: timeouts.idleMs,
      highWaterMark: HIGH_WATER_MARK,
      // undici closes the connection after a HEAD unless it is told otherwise
      reset: false,
      signal,
    });
    const raw: RawResponse = {
      status: response.statusCode,
      headers: response.headers,
      header: name => [response.headers[name] ?? []].flat()[0],
      body: response.body,
      url,
    };
    if (own) {
      this.#options.answered(raw);
    }
    return raw;
  }
}

/** A redirect that may change the method is followed only where that changes nothing. */
function isFollowed(method: string, status: number): boolean {
  return (
    status === 307 ||
    status === 308 ||
    ([301, 302, 303].includes(status) && ['GET', 'HEAD'].includes(method))
  );
}

function destroy(body: Readable | Buffer | undefined) {
  if (body && !Buffer.isBuffer(body)) {
    body.destroy();
  }
}
