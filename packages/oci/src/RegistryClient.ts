import { Readable } from 'node:stream';
import type { RegistryAuth } from './auth/Authenticator';
import { digestOf, hasDigest } from './digest';
import { DigestMismatchError, RegistryError } from './errors';
import type { Descriptor, ImageIndex, ImageManifest } from './manifests';
import { isManifest, MANIFEST_ACCEPT, MediaTypes } from './mediaTypes';
import type { RetryPolicy } from './transport/retryPolicy';
import { single, Transport, TransportResponse } from './transport/Transport';
import { uploadBlob } from './uploadBlob';
import { verifyStream } from './transport/verifyStream';

// Registries take at least 4 MiB (OCI distribution-spec, Pushing Manifests).
const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;
const MAX_TAG_PAGES = 10_000;
const TAGS_PER_PAGE = 1_000;

/** How to reach one registry host. @public */
export interface RegistryClientOptions {
  /** `docker.io`, or `host[:port]` */
  host: string;
  /** plain HTTP */
  insecure?: boolean;
  auth?: RegistryAuth;
  /** PEM texts */
  tls?: { ca?: string; cert?: string; key?: string };
  /** requests at once, default 6 */
  concurrency?: number;
  userAgent?: string;
  retry?: RetryPolicy;
}

/** Options of every call. @public */
export interface CallOptions {
  signal?: AbortSignal;
}

/** A manifest as it lies in the registry. @public */
export interface FetchedManifest {
  /** media type, digest and size */
  descriptor: Descriptor;
  bytes: Buffer;
  manifest: ImageManifest | ImageIndex;
}

/** A blob to be sent; a function, so that a broken attempt can be repeated. @public */
export type BlobSource = () => Readable | Buffer | Promise<Readable>;

/**
 * A client of one registry host (OCI distribution-spec 1.1). Every method
 * throws {@link RegistryError}.
 *
 * @public
 */
export class RegistryClient {
  readonly host: string;
  readonly #transport: Transport;

  static create(options: RegistryClientOptions): RegistryClient {
    return new RegistryClient(options);
  }

  private constructor(options: RegistryClientOptions) {
    this.host = options.host;
    this.#transport = new Transport({
      ...options,
      concurrency: options.concurrency ?? 6,
      userAgent: options.userAgent ?? 'imglife',
    });
  }

  /** What a tag or digest points at; undefined when it does not exist. */
  async headManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<Descriptor | undefined> {
    const response = await this.#transport.send({
      method: 'HEAD',
      url: `/v2/${repository}/manifests/${reference}`,
      repository,
      reference,
      actions: 'pull',
      headers: { accept: MANIFEST_ACCEPT },
      expect: [200, 404],
      signal: options.signal,
    });
    await response.body.dump();
    if (response.statusCode === 404) {
      return undefined;
    }
    const digest = single(response.headers['docker-content-digest']);
    const size = Number(single(response.headers['content-length']));
    const mediaType = single(response.headers['content-type']);
    if (!digest || !mediaType || !Number.isSafeInteger(size)) {
      // Some registries answer HEAD without the headers; then GET tells
      return (await this.getManifest(repository, reference, options))
        .descriptor;
    }
    return { mediaType: bareType(mediaType), digest, size };
  }

  /**
   * A manifest with its verified digest.
   *
   * @throws RegistryError - status 404 when it does not exist
   * @throws DigestMismatchError - the bytes have another digest
   */
  async getManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<FetchedManifest> {
    const response = await this.#transport.send({
      method: 'GET',
      url: `/v2/${repository}/manifests/${reference}`,
      repository,
      reference,
      actions: 'pull',
      headers: { accept: MANIFEST_ACCEPT },
      expect: [200],
      signal: options.signal,
    });
    const where = { host: this.host, repository, reference };
    const bytes = await readLimited(response, MAX_MANIFEST_BYTES, where);
    const expected = reference.includes(':')
      ? reference
      : single(response.headers['docker-content-digest']);
    if (expected && !hasDigest(bytes, expected)) {
      throw new DigestMismatchError(
        `manifest has digest ${digestOf(bytes)}, not ${expected}`,
        where,
      );
    }
    const manifest = parseManifest(bytes, where);
    const mediaType =
      manifest.mediaType ??
      bareType(single(response.headers['content-type']) ?? '');
    if (!isManifest(mediaType)) {
      throw new RegistryError(
        `manifest has media type ${JSON.stringify(
          mediaType,
        )}, which is no image and no index`,
        where,
      );
    }
    return {
      descriptor: {
        mediaType,
        digest: expected ?? digestOf(bytes),
        size: bytes.length,
      },
      bytes,
      manifest,
    };
  }

  /** Publishes a manifest under a tag or its own digest. */
  async putManifest(
    repository: string,
    reference: string,
    bytes: Uint8Array,
    mediaType: string,
    options: CallOptions = {},
  ): Promise<Descriptor> {
    const response = await this.#transport.send({
      method: 'PUT',
      url: `/v2/${repository}/manifests/${reference}`,
      repository,
      reference,
      actions: 'pull,push',
      headers: { 'content-type': mediaType },
      body: () => bytes,
      expect: [200, 201, 202],
      signal: options.signal,
    });
    await response.body.dump();
    const digest = digestOf(bytes);
    const answered = single(response.headers['docker-content-digest']);
    if (answered?.startsWith('sha256:') && answered !== digest) {
      throw new DigestMismatchError(
        `the registry stored ${answered} instead of ${digest}`,
        { host: this.host, repository, reference },
      );
    }
    return { mediaType, digest, size: bytes.length };
  }

  /** Deletes a manifest by its digest, and with it every tag on that digest. */
  async deleteManifest(
    repository: string,
    digest: string,
    options: CallOptions = {},
  ): Promise<void> {
    const response = await this.#transport.send({
      method: 'DELETE',
      url: `/v2/${repository}/manifests/${digest}`,
      repository,
      reference: digest,
      actions: 'pull,push,delete',
      expect: [200, 202],
      signal: options.signal,
    });
    await response.body.dump();
  }

  /**
   * Every tag, over all pages.
   *
   * @throws RegistryError - status 404 when the repository does not exist
   */
  async listTags(
    repository: string,
    options: CallOptions = {},
  ): Promise<string[]> {
    const tags = new Set<string>();
    let url:
      | string
      | undefined = `/v2/${repository}/tags/list?n=${TAGS_PER_PAGE}`;
    const seen = new Set<string>();
    while (url && !seen.has(url) && seen.size < MAX_TAG_PAGES) {
      seen.add(url);
      const response: TransportResponse = await this.#transport.send({
        method: 'GET',
        url,
        repository,
        actions: 'pull',
        expect: [200],
        signal: options.signal,
      });
      const where = { host: this.host, repository };
      const bytes = await readLimited(response, MAX_MANIFEST_BYTES, where);
      for (const tag of readTags(bytes, where)) {
        tags.add(tag);
      }
      url = nextPage(single(response.headers.link), url);
    }
    return [...tags];
  }

  /** The size of a blob; undefined when it does not exist. */
  async headBlob(
    repository: string,
    digest: string,
    options: CallOptions = {},
  ): Promise<{ size: number } | undefined> {
    const response = await this.#transport.send({
      method: 'HEAD',
      url: `/v2/${repository}/blobs/${digest}`,
      repository,
      reference: digest,
      actions: 'pull',
      expect: [200, 404],
      signal: options.signal,
    });
    await response.body.dump();
    return response.statusCode === 404
      ? undefined
      : { size: Number(single(response.headers['content-length'])) };
  }

  /**
   * A blob as a stream that fails when size or digest are not as described.
   *
   * @param onBytes - told of each chunk's length
   */
  async getBlob(
    repository: string,
    descriptor: Descriptor,
    options: CallOptions & { onBytes?: (count: number) => void } = {},
  ): Promise<Readable> {
    const reference = descriptor.digest;
    const response = await this.#transport.send({
      method: 'GET',
      url: `/v2/${repository}/blobs/${reference}`,
      repository,
      reference,
      actions: 'pull',
      expect: [200],
      signal: options.signal,
    });
    const verified = verifyStream(
      descriptor,
      { host: this.host, repository, reference },
      options.onBytes,
    );
    response.body.on('error', error => verified.destroy(error));
    verified.on('close', () => response.body.destroy());
    return response.body.pipe(verified);
  }

  /** A small blob, such as a config; at most 8 MiB. */
  async readBlob(
    repository: string,
    descriptor: Descriptor,
    options: CallOptions = {},
  ): Promise<Buffer> {
    if (descriptor.size > MAX_MANIFEST_BYTES) {
      throw new RegistryError(
        `blob of ${descriptor.size} bytes is larger than the ${MAX_MANIFEST_BYTES} read into memory`,
        { host: this.host, repository, reference: descriptor.digest },
      );
    }
    const stream = await this.getBlob(repository, descriptor, options);
    return Buffer.concat(await stream.toArray());
  }

  /** Uploads a blob, in one PUT. */
  async putBlob(
    repository: string,
    descriptor: Descriptor,
    body: BlobSource,
    options: CallOptions = {},
  ): Promise<void> {
    await uploadBlob(this.#transport, {
      host: this.host,
      repository,
      descriptor,
      body,
      signal: options.signal,
    });
  }

  /**
   * Makes a blob of another repository of this host known in this one.
   *
   * @returns false when the registry would rather have it uploaded
   */
  async mountBlob(
    repository: string,
    digest: string,
    from: string,
    options: CallOptions = {},
  ): Promise<boolean> {
    const query = new URLSearchParams({ mount: digest, from });
    const response = await this.#transport.send({
      method: 'POST',
      url: `/v2/${repository}/blobs/uploads/?${query}`,
      repository,
      reference: digest,
      actions: 'pull,push',
      headers: { 'content-length': '0' },
      expect: [201, 202],
      signal: options.signal,
    });
    await response.body.dump();
    const session = single(response.headers.location);
    if (response.statusCode === 202 && session) {
      await this.#cancelUpload(repository, session, options);
    }
    return response.statusCode === 201;
  }

  /** Closes the connections once what is under way has ended. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #cancelUpload(
    repository: string,
    url: string,
    options: CallOptions,
  ): Promise<void> {
    const response = await this.#transport.send({
      method: 'DELETE',
      url,
      repository,
      actions: 'pull,push',
      // a registry that cannot cancel forgets the session by itself
      expect: [200, 202, 204, 400, 404, 405],
      signal: options.signal,
    });
    await response.body.dump();
  }
}

interface Where {
  host: string;
  repository: string;
  reference?: string;
}

function bareType(contentType: string): string {
  return contentType.split(';')[0].trim();
}

async function readLimited(
  response: TransportResponse,
  limit: number,
  where: Where,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) {
      throw new RegistryError(`answer is larger than ${limit} bytes`, where);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(bytes: Buffer, what: string, where: Where): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new RegistryError(`${what} is not JSON`, { ...where, cause });
  }
}

function parseManifest(
  bytes: Buffer,
  where: Where,
): ImageManifest | ImageIndex {
  const manifest = parseJson(bytes, 'manifest', where) as Partial<
    ImageManifest & ImageIndex
  > & { schemaVersion?: number };
  if (Number(manifest?.schemaVersion) === 1) {
    throw new RegistryError(
      `manifest is Docker schema 1 (${MediaTypes.dockerSchema1}), which is not supported: push the image again with a present-day tool`,
      where,
    );
  }
  if (!Array.isArray(manifest?.manifests) && !Array.isArray(manifest?.layers)) {
    throw new RegistryError('manifest has neither layers nor manifests', where);
  }
  return manifest as ImageManifest | ImageIndex;
}

function readTags(bytes: Buffer, where: Where): string[] {
  const { tags } = parseJson(bytes, 'tag list', where) as { tags?: unknown };
  // docker-registry answers null once the last tag is gone
  return Array.isArray(tags) ? tags.map(String) : [];
}

function nextPage(
  link: string | undefined,
  current: string,
): string | undefined {
  const target = link && /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link)?.[1];
  if (!target) {
    return undefined;
  }
  const base = new URL(current, 'http://registry.invalid');
  const next = new URL(target, base);
  return next.host === 'registry.invalid'
    ? next.pathname + next.search
    : next.href;
}
