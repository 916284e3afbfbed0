import {
  createServer,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessControl } from './AccessControl';
import { DirectoryStorage } from './DirectoryStorage';
import { DistributionError } from './DistributionError';
import {
  Exchange,
  RequestLine,
  RouteContext,
  sendError,
  sendJson,
} from './exchange';
import { catalogRoute } from './listRoutes';
import { MemoryStorage } from './MemoryStorage';
import { actionOf, findRoute } from './route';

/** How a registry is started; everything may be left out. */
export interface TestRegistryOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Default `127.0.0.1`. */
  hostname?: string;
  /** Default `memory`. */
  storage?: 'memory' | { directory: string };
  /** Credentials every request needs; by default none. */
  auth?: { username: string; password: string };
  /** Bearer tokens from the registry's own `/token` instead of basic authentication. */
  tokenAuth?: boolean;
  /** Default true: a manifest that names an absent blob or child is refused. */
  checkManifests?: boolean;
  /** Most names on one page of tags or repositories; by default no limit. */
  pageSize?: number;
  /** Milliseconds before a request is answered. */
  delay?: (line: RequestLine) => number | undefined;
  /** Bytes per second while a blob's body is sent. */
  throttle?: (line: RequestLine) => number | undefined;
  /** Sees every request first; true means that it has answered by itself. */
  intercept?: (
    request: IncomingMessage,
    response: ServerResponse,
  ) => boolean | Promise<boolean>;
  /** The clock; default the machine's. */
  now?: () => Date;
}

/** A request that was made. */
export interface RecordedRequest extends RequestLine {
  /** The query with its question mark, or empty. */
  query: string;
  /** Status of the answer; 0 while there is none. */
  status: number;
  /** When it came in, in milliseconds since 1970. */
  at: number;
}

/**
 * An OCI Distribution 1.1 registry on plain HTTP, for tests and
 * demonstrations: it keeps no secrets well and trusts its disk.
 */
export class TestRegistry {
  /** Every request since the start or the last `clearRequests`, oldest first. */
  readonly requests: RecordedRequest[] = [];
  /** `hostname:port`, as it stands in image references. */
  readonly host: string;
  /** `http://hostname:port`. */
  readonly url: string;
  private readonly options: TestRegistryOptions;
  private readonly server: Server;
  private readonly context: RouteContext;
  private readonly access: AccessControl;
  private readonly stopping = new AbortController();

  private constructor(
    options: TestRegistryOptions,
    server: Server,
    context: RouteContext,
  ) {
    const { address, port, family } = server.address() as AddressInfo;
    this.options = options;
    this.server = server;
    this.context = context;
    this.host =
      family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
    this.url = `http://${this.host}`;
    this.access = AccessControl.create({
      auth: options.auth,
      tokenAuth: options.tokenAuth ?? false,
      url: this.url,
      now: options.now ?? (() => new Date()),
    });
  }

  /** Starts a registry; it takes requests when the promise resolves. */
  static async start(options: TestRegistryOptions = {}): Promise<TestRegistry> {
    const { storage = 'memory' } = options;
    const context: RouteContext = {
      storage:
        storage === 'memory'
          ? MemoryStorage.create()
          : await DirectoryStorage.create(storage.directory),
      checkManifests: options.checkManifests ?? true,
      pageSize: options.pageSize ?? Infinity,
      throttle: options.throttle ?? (() => undefined),
      busyUploads: new Set(),
    };
    const server = createServer({
      requestTimeout: 0,
      keepAliveTimeout: 60_000,
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(
        options.port ?? 0,
        options.hostname ?? '127.0.0.1',
        resolve,
      );
    });
    const registry = new TestRegistry(options, server, context);
    server.on('request', (request, response) => {
      void registry.serve(request, response);
    });
    return registry;
  }

  /** Forgets the requests recorded so far. */
  clearRequests(): void {
    this.requests.length = 0;
  }

  /** Closes the port and every open connection. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const closed = new Promise<void>(resolve => {
      this.server.close(() => resolve());
    });
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse) {
    const [path, query = ''] = (request.url ?? '/').split('?', 2);
    const exchange: Exchange = {
      method: request.method ?? 'GET',
      path,
      query: new URLSearchParams(query),
      request,
      response,
      mayPull: () => false,
    };
    this.record(exchange, query);
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    try {
      await this.answer(exchange);
    } catch (error) {
      this.fail(exchange, error);
    }
  }

  private async answer(exchange: Exchange): Promise<void> {
    const { method, path, request, response } = exchange;
    const delay = this.options.delay?.({ method, path });
    if (delay) {
      await sleep(delay, undefined, { signal: this.stopping.signal });
    }
    if (await this.options.intercept?.(request, response)) {
      return;
    }
    if (path === '/token' && this.options.tokenAuth) {
      this.access.sendToken(exchange);
      return;
    }
    if (path === '/v2/' || path === '/v2') {
      this.access.admit(exchange, {});
      sendJson(exchange, 200, {});
      return;
    }
    if (path === '/v2/_catalog') {
      this.access.admit(exchange, {});
      await catalogRoute(this.context, exchange);
      return;
    }
    const { repository, reference, run } = findRoute(path);
    const action = actionOf(path, method);
    exchange.mayPull = this.access.admit(exchange, { repository, action });
    await run(this.context, exchange, repository, reference);
  }

  /**
   * Tests read the record as soon as they have an answer, which is before the
   * server's own `finish` event: so the status is noted when the head is written.
   */
  private record({ method, path, response }: Exchange, query: string): void {
    const recorded: RecordedRequest = {
      method,
      path,
      query: query && `?${query}`,
      status: 0,
      at: (this.options.now?.() ?? new Date()).getTime(),
    };
    this.requests.push(recorded);
    const writeHead = response.writeHead.bind(response) as (
      ...args: unknown[]
    ) => ServerResponse;
    response.writeHead = (...args: unknown[]) => {
      recorded.status = Number(args[0]);
      return writeHead(...args);
    };
  }

  private fail(exchange: Exchange, error: unknown): void {
    const { request, response } = exchange;
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    // A body nobody reads would keep the connection from its next request.
    request.resume();
    sendError(
      exchange,
      error instanceof DistributionError
        ? error
        : new DistributionError(500, 'UNKNOWN', String(error)),
    );
  }
}
