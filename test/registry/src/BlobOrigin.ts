import { createServer, IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { parseRange } from './blobRoutes';
import { RegistryStorage } from './RegistryStorage';

/** What the storage behind a registry was asked. */
export interface OriginRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
}

/**
 * Another origin that has a registry's blobs, as the object storage behind
 * one: `GET /<digest>?signature=…`. It refuses Authorization with 400, as S3
 * does beside a signed query.
 */
export class BlobOrigin {
  /** Every request since the start, oldest first. */
  readonly requests: OriginRequest[] = [];
  private readonly server: Server;
  private readonly storage: RegistryStorage;

  private constructor(storage: RegistryStorage) {
    this.storage = storage;
    this.server = createServer({ requestTimeout: 0 });
  }

  /** Starts it on any free port. */
  static async start(
    storage: RegistryStorage,
    hostname: string,
  ): Promise<BlobOrigin> {
    const origin = new BlobOrigin(storage);
    const { server } = origin;
    server.on('request', async (request, response) => {
      const { method = 'GET', headers, url = '/' } = request;
      const { pathname, searchParams } = new URL(url, 'http://origin');
      origin.requests.push({ method, path: pathname, headers });
      if (headers.authorization || !searchParams.has('signature')) {
        response.writeHead(400).end('Only one auth mechanism allowed');
        return;
      }
      const [size, digest] = pathname.slice(1).split('/');
      const range = parseRange(headers.range, Number(size));
      if (range === 'unsatisfiable') {
        response.writeHead(416).end();
        return;
      }
      response.writeHead(range ? 206 : 200, {
        'content-length': range ? range.end - range.start + 1 : size,
        ...(range && {
          'content-range': `bytes ${range.start}-${range.end}/${size}`,
        }),
      });
      const body = origin.storage.readBlob(digest, range);
      await pipeline(body, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, hostname, resolve);
    });
    return origin;
  }

  /** `http://hostname:port`. */
  get url(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  /** The signed address of a blob. */
  blobUrl(digest: string, size: number): string {
    return `${this.url}/${size}/${digest}?signature=of-the-test`;
  }

  /** Closes the port and every open connection. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => {
      this.server.close(resolve);
    });
  }
}
