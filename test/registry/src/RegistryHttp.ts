import {
  ImageConfig,
  MadeBase,
  MadeDescriptor,
  MadeManifest,
} from './makeImage';

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

interface AnyManifest {
  manifests?: MadeDescriptor[];
  config: MadeDescriptor;
  layers: MadeDescriptor[];
}

/**
 * The few registry requests that making test images needs, by plain fetch, so
 * that tests of the real client do not rest on the client itself.
 */
export class RegistryHttp {
  private readonly url: string;
  private readonly authorization: string | undefined;

  private constructor(url: string, authorization: string | undefined) {
    this.url = url;
    this.authorization = authorization;
  }

  /** For a host or URL of a registry on plain HTTP. */
  static create(registry: string, authorization?: string): RegistryHttp {
    const url = registry.includes('://') ? registry : `http://${registry}`;
    return new RegistryHttp(url.replace(/\/+$/, ''), authorization);
  }

  /** Digest of a tag; undefined when there is none. */
  async headManifest(
    repository: string,
    reference: string,
  ): Promise<string | undefined> {
    const path = `/v2/${repository}/manifests/${reference}`;
    const response = await this.send('HEAD', path, [200, 404], {
      headers: { accept: ACCEPT },
    });
    return response.status === 200
      ? response.headers.get('docker-content-digest') ?? undefined
      : undefined;
  }

  /** Puts a manifest under a tag or its digest. */
  async putManifest(
    repository: string,
    reference: string,
    { mediaType, bytes }: MadeManifest,
  ): Promise<void> {
    const path = `/v2/${repository}/manifests/${reference}`;
    await this.send('PUT', path, [201], {
      headers: { 'content-type': mediaType },
      body: new Uint8Array(bytes),
    });
  }

  /** Pushes a blob unless the repository has it. */
  async pushBlob(
    repository: string,
    digest: string,
    bytes: Buffer,
  ): Promise<void> {
    const body = new Uint8Array(bytes);
    const head = `/v2/${repository}/blobs/${digest}`;
    if ((await this.send('HEAD', head, [200, 404])).status === 200) {
      return;
    }
    const opened = await this.send('POST', `/v2/${repository}/blobs/uploads/`, [
      202,
    ]);
    const location = new URL(opened.headers.get('location') ?? '', this.url);
    location.searchParams.set('digest', digest);
    await this.send('PUT', location.href, [201], {
      headers: { 'content-type': 'application/octet-stream' },
      body,
    });
  }

  /** Makes a blob of one repository visible in another. */
  async mountBlob(
    repository: string,
    digest: string,
    from: string,
  ): Promise<void> {
    const query = new URLSearchParams({ mount: digest, from });
    const path = `/v2/${repository}/blobs/uploads/?${query}`;
    await this.send('POST', path, [201]);
  }

  /** Reads every platform of an image, to build on. */
  async readBase(repository: string, reference: string): Promise<MadeBase[]> {
    const top = await this.readManifest(repository, reference);
    const images = top.manifests
      ? await Promise.all(
          top.manifests
            .filter(({ platform }) => platform?.os !== 'unknown')
            .map(({ digest }) => this.readManifest(repository, digest)),
        )
      : [top];
    return Promise.all(
      images.map(async ({ config: { digest }, layers }) => {
        const path = `/v2/${repository}/blobs/${digest}`;
        const response = await this.send('GET', path, [200]);
        const config = (await response.json()) as ImageConfig;
        const { os, architecture, variant } = config;
        const platform = [os, architecture, variant].filter(Boolean).join('/');
        return { platform, layers, config };
      }),
    );
  }

  private async readManifest(
    repository: string,
    reference: string,
  ): Promise<AnyManifest> {
    const path = `/v2/${repository}/manifests/${reference}`;
    const response = await this.send('GET', path, [200], {
      headers: { accept: ACCEPT },
    });
    return (await response.json()) as AnyManifest;
  }

  private async send(
    method: string,
    path: string,
    expected: number[],
    more: {
      headers?: Record<string, string>;
      body?: Uint8Array<ArrayBuffer>;
    } = {},
  ): Promise<Response> {
    const response = await fetch(new URL(path, this.url), {
      method,
      body: more.body,
      headers: {
        ...more.headers,
        ...(this.authorization && { authorization: this.authorization }),
      },
    });
    if (!expected.includes(response.status)) {
      const text = await response.text();
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    if (method !== 'GET') {
      await response.arrayBuffer();
    }
    return response;
  }
}
