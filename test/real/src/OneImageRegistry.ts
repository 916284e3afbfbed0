import { makeImage } from '@imglife/test-registry';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const image = makeImage({ platforms: ['linux/amd64'] });

/**
 * A registry that has every repository with a path of two parts and more, each
 * with a tag `1.0` of the same image, and answers at once: for thousands of
 * images that nobody has to push.
 */
export class OneImageRegistry {
  /** Of the image. */
  readonly digest = image.digest;
  readonly #server: Server;

  static async start(): Promise<OneImageRegistry> {
    const server = createServer((request, response) => {
      if (/^\/v2\/.+\/.+\/tags\/list/.test(request.url ?? '')) {
        response.end('{"tags":["1.0"]}');
        return;
      }
      const [, kind, name] =
        /^\/v2\/.+\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? [];
      const isManifest = kind === 'manifests';
      const bytes = isManifest ? image.bytes : image.blobs.get(name);
      if (!bytes) {
        response.writeHead(404, { 'content-length': 2 }).end('{}');
        return;
      }
      response.writeHead(200, {
        'content-type': isManifest
          ? image.mediaType
          : 'application/octet-stream',
        'content-length': bytes.length,
        'docker-content-digest': isManifest ? image.digest : name,
      });
      response.end(request.method === 'HEAD' ? undefined : bytes);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return new OneImageRegistry(server);
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `127.0.0.1:port` */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }
}
