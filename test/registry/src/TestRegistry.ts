import {
  createServer,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessControl } from './AccessControl';
import { BlobOrigin } from './BlobOrigin';
import { faultError, hang, uploadStage } from './bodyFault';
import { DirectoryStorage } from './DirectoryStorage';
import { DistributionError } from './DistributionError';
import { Exchange, RouteContext, sendError, sendJson } from './exchange';
import { Fault, FaultAction, Faults, FaultSpec } from './Faults';
import { catalogRoute } from './listRoutes';
import { MemoryStorage } from './MemoryStorage';
import { PullQuota } from './PullQuota';
import { capabilitiesOf, RegistryCapabilities } from './RegistryCapabilities';
import { OpenUpload, RegistryStorage } from './RegistryStorage';
import { countKinds, RecordedRequest, recordRequest } from './RequestLog';
import { actionOf, findRoute } from './route';
import { TestRegistryOptions } from './TestRegistryOptions';

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
  /** What this registry does differently; changes hold from the next request. */
  readonly capabilities: RegistryCapabilities;
  /** What it has, to look at or to damage. */
  readonly storage: RegistryStorage;
  /** The other origin of its blobs, where `redirectBlobs` sends clients. */
  readonly blobOrigin: BlobOrigin;
  private readonly options: TestRegistryOptions;
  private readonly server: Server;
  private readonly context: RouteContext;
  private readonly access: AccessControl;
  private readonly quota: PullQuota;
  private readonly faults = new Faults();
  private readonly stopping = new AbortController();
  private restarting: Promise<void> = Promise.resolve();

  private constructor(
    options: TestRegistryOptions,
    server: Server,
    context: Pick<RouteContext, 'storage' | 'capabilities'>,
    blobOrigin: BlobOrigin,
  ) {
    const { address, port, family } = server.address() as AddressInfo;
    const now = options.now ?? (() => new Date());
    this.options = options;
    this.server = server;
    this.host =
      family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
    this.url = `http://${this.host}`;
    this.capabilities = context.capabilities;
    this.storage = context.storage;
    this.blobOrigin = blobOrigin;
    this.context = {
      ...context,
      url: this.url,
      blobUrl: (digest, size) => blobOrigin.blobUrl(digest, size),
      throttle: options.throttle ?? (() => undefined),
      busyUploads: new Set(),
    };
    this.quota = PullQuota.create(this.capabilities, now);
    this.access = AccessControl.create({
      auth: options.auth,
      tokenAuth: options.tokenAuth ?? false,
      tokenLifetime: options.tokenLifetime ?? 300_000,
      url: this.url,
      now,
    });
  }

  /** Starts a registry; it takes requests when the promise resolves. */
  static async start(options: TestRegistryOptions = {}): Promise<TestRegistry> {
    const { storage = 'memory', checkManifests = true } = options;
    const { hostname = '127.0.0.1' } = options;
    const kept =
      storage === 'memory'
        ? MemoryStorage.create()
        : await DirectoryStorage.create(storage.directory);
    const server = createServer({
      requestTimeout: 0,
      keepAliveTimeout: 60_000,
    });
    await listen(server, options.port ?? 0, hostname);
    const registry = new TestRegistry(
      options,
      server,
      {
        storage: kept,
        capabilities: capabilitiesOf({
          checkBlobs: checkManifests,
          checkChildren: checkManifests,
          pageSize: options.pageSize ?? Infinity,
          ...options.capabilities,
        }),
      },
      await BlobOrigin.start(kept, hostname),
    );
    server.on('request', (request, response) => {
      void registry.serve(request, response);
    });
    return registry;
  }

  /** Forgets the requests recorded so far. */
  clearRequests(): void {
    this.requests.length = 0;
  }

  /** How many requests of each kind were recorded; absent kinds are left out. */
  counts(): ReturnType<typeof countKinds> {
    return countKinds(this.requests);
  }

  /** Makes requests fail: by default the next one that fits. */
  fail(spec: FaultSpec): Fault {
    return this.faults.add(spec);
  }

  /** Faults that have not happened (often enough): empty when a test has shown what it means to. */
  unspentFaults(): FaultSpec[] {
    return this.faults.unspent();
  }

  /** Takes all faults away. */
  clearFaults(): void {
    this.faults.clear();
  }

  /** Upload sessions that were neither finished nor cancelled. */
  async openUploads(): Promise<OpenUpload[]> {
    return this.storage.listUploads();
  }

  /** From now on no token given out so far is good. */
  expireTokens(): void {
    this.access.expireTokens();
  }

  /** Breaks every connection and takes new ones on the same port, after some milliseconds. */
  async restart(
    more: Omit<Extract<FaultAction, { kind: 'restart' }>, 'kind'> = {},
  ): Promise<void> {
    const { hostname, port } = new URL(this.url);
    const ended = this.restarting;
    this.restarting = (async () => {
      await ended;
      await this.closeServer();
      for (const { repository, id } of more.forgetUploads
        ? await this.openUploads()
        : []) {
        await this.storage.cancelUpload(repository, id);
      }
      if (more.downFor) {
        await sleep(more.downFor);
      }
      if (!this.stopping.signal.aborted) {
        await listen(this.server, Number(port), hostname);
      }
    })();
    await this.restarting;
  }

  /** Closes the port and every open connection. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.clearFaults();
    await this.restarting;
    await this.closeServer();
    await this.blobOrigin.stop();
  }

  private async closeServer(): Promise<void> {
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
      body: request,
      surroundings: {
        socket: request.socket,
        restart: async action => {
          void this.restart(action);
        },
      },
      mayPull: () => false,
    };
    const at = this.options.now?.() ?? new Date();
    this.requests.push(recordRequest(exchange, at));
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    const { warnings } = this.capabilities;
    if (warnings.length > 0) {
      response.setHeader(
        'warning',
        warnings.map(text => `299 - "${text}"`),
      );
    }
    try {
      await this.answer(exchange);
    } catch (error) {
      this.refuse(exchange, error);
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
    if (await this.meetFault(exchange)) {
      return;
    }
    await this.route(exchange);
  }

  /** Lets the fault for this request happen, or prepares it; true when there is nothing left to answer. */
  private async meetFault(exchange: Exchange): Promise<boolean> {
    const { request, surroundings } = exchange;
    const fault = this.faults.take(exchange);
    if (!fault) {
      return false;
    }
    const { action, after } = fault.spec;
    if (after === undefined) {
      switch (action.kind) {
        case 'status':
          throw faultError(action);
        case 'hang':
          await hang(fault, request.socket);
          return true;
        case 'reset':
          request.socket.resetAndDestroy();
          return true;
        case 'restart':
          void this.restart(action);
          return true;
        default:
      }
    }
    const bringsBody = ['POST', 'PUT', 'PATCH'].includes(exchange.method);
    const stage = bringsBody && uploadStage(fault, surroundings);
    if (stage) {
      // The connection is still wanted, for an answer, where the stage ends.
      const bytes = request.iterator({ destroyOnReturn: false });
      exchange.body = Readable.from(stage(bytes), { objectMode: false });
    }
    if (!stage || action.kind === 'lose-answer') {
      exchange.fault = fault;
    }
    return false;
  }

  private async route(exchange: Exchange): Promise<void> {
    const { method, path, response } = exchange;
    if (path === '/token' && this.options.tokenAuth) {
      await this.access.sendToken(exchange);
      return;
    }
    if (path === '/v2/' || path === '/v2') {
      this.access.admit(exchange, {});
      await sendJson(exchange, 200, {});
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
    const headers = this.quota.take(exchange);
    Object.entries(headers).forEach(header => response.setHeader(...header));
    await run(this.context, exchange, repository, reference);
  }

  private refuse(exchange: Exchange, error: unknown): void {
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

function listen(server: Server, port: number, hostname: string) {
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
