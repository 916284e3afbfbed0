import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import { digestOf, layerOfBase } from './scaleBases';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

interface Image {
  digest: string;
  manifest: Buffer;
  config: Buffer;
}

/**
 * A registry that has every repository: `…-b12` is an image on base 12, and
 * `…-b12-l60` one with sixty layers. It answers at once, so that what is
 * measured is the portal.
 */
export class ScaleRegistry {
  readonly #server: Server;
  readonly #images = new Map<string, Image>();

  static async start(): Promise<ScaleRegistry> {
    const registry = new ScaleRegistry();
    await new Promise<void>(resolve => {
      registry.#server.listen(0, '127.0.0.1', resolve);
    });
    return registry;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      const found = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(
        request.url ?? '',
      );
      if (!found) {
        response.end('{}');
        return;
      }
      const image = this.#image(found[1]);
      const isManifest = found[2] === 'manifests';
      const bytes = isManifest ? image.manifest : image.config;
      response.writeHead(200, {
        'content-type': isManifest ? MANIFEST : 'application/octet-stream',
        'content-length': bytes.length,
        'docker-content-digest': isManifest ? image.digest : found[3],
      });
      response.end(request.method === 'HEAD' ? undefined : bytes);
    });
  }

  /** `127.0.0.1:port` */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What every tag of that repository points at. */
  digest(repository: string): string {
    return this.#image(repository).digest;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }

  #image(repository: string): Image {
    const [kind, base, layers = '5'] = /-b(\d+)(?:-l(\d+))?$/.exec(
      repository,
    ) ?? [''];
    const known = this.#images.get(kind);
    if (known) {
      return known;
    }
    const made = makeImage(Number(base), Number(layers));
    this.#images.set(kind, made);
    return made;
  }
}

function makeImage(base: number, layers: number): Image {
  const diffIds = Array.from({ length: layers }, (_, place) =>
    place === 0 ? layerOfBase(base) : digestOf(`layer ${place}`),
  );
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      created: '2026-04-01T00:00:00Z',
      rootfs: { type: 'layers', diff_ids: diffIds },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, ...describe(config) },
      layers: diffIds.map(digest => ({ mediaType: LAYER, digest, size: 1 })),
    }),
  );
  return { digest: describe(manifest).digest, manifest, config };
}

function describe(bytes: Buffer): { digest: string; size: number } {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { digest: `sha256:${hash}`, size: bytes.length };
}
