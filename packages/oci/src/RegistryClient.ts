import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { RegistryAuth } from './auth/Authorizer';
import { BlobStore, type BlobBody } from './BlobStore';
import { digestAlgorithm, digestOf, isDigest } from './digest';
import { DigestMismatchError, RegistryError } from './errors';
import type { Descriptor, ImageIndex, ImageManifest } from './manifests';
import { isSchema1, MANIFEST_ACCEPT } from './mediaTypes';
import { bareType, parseManifest, SCHEMA1_REFUSED } from './parseManifest';
import { checkName, normalizeRegistry } from './Reference';
import { HostTransport, type HostResponse } from './transport/HostTransport';
import { parseNextLink } from './transport/parseNextLink';
import { readBody } from './transport/readBody';
import { systemTiming, type Timing } from './transport/Timing';

/** How a registry is reached, and as whom. */
export interface RegistryClientOptions {
  /** `docker.io` or `host[:port]`. */
  host: string;
  /** Plain HTTP instead of HTTPS. */
  insecure?: boolean;
  auth?: RegistryAuth;
  /** PEM texts: an additional authority, and a client certificate with its key. */
  tls?: { ca?: string; cert?: string; key?: string };
  /** Requests, and blobs being read, at a time. Default 6. */
  concurrency?: number;
  userAgent?: string;
  /** Clock, sleep and chance. Default: the system's. */
  timing?: Timing;
}

/** What every call takes. */
export interface CallOptions {
  /** Aborts requests, streams and waits; its reason is thrown. */
  signal?: AbortSignal;
}

/** A manifest as it was served, verified and read. */
export interface FetchedManifest {
  descriptor: Descriptor;
  /** Exactly what the registry sent. */
  bytes: Buffer;
  manifest: ImageManifest | ImageIndex;
}

const MAX_MANIFEST = 8 * 1024 * 1024;
const MAX_TAG_PAGE = 32 * 1024 * 1024;
const TAGS_PER_PAGE = 1000;
const tagsSchema = z.looseObject({ tags: z.array(z.string()).nullish() });

/**
 * A client of one registry by the OCI distribution-spec 1.1, with one
 * keep-alive pool. 408, 429, 5xx and broken connections are tried four times,
 * as `Retry-After` and a growing delay say. Every method throws RegistryError,
 * InvalidReferenceError for bad names, or the signal's reason.
 */
export class RegistryClient {
  static create(options: RegistryClientOptions): RegistryClient {
    return new RegistryClient(options);
  }

  /** `docker.io` or `host[:port]` in lower case. */
  readonly host: string;
  /** Requests at a time. */
  readonly concurrency: number;
  readonly #transport: HostTransport;
  readonly #blobs: BlobStore;

  private constructor(options: RegistryClientOptions) {
    const { insecure = false, concurrency = 6, auth, tls } = options;
    const timing = options.timing ?? systemTiming;
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new Error(
        `concurrency of registry ${options.host} must be 1 or more, not ${concurrency}`,
      );
    }
    this.host = normalizeRegistry(options.host);
    this.concurrency = concurrency;
    this.#transport = HostTransport.create({
      host: this.host,
      insecure,
      auth,
      tls,
      concurrency,
      userAgent: options.userAgent ?? 'imglife-oci',
      timing,
    });
    this.#blobs = BlobStore.create({
      host: this.host,
      insecure,
      concurrency,
      transport: this.#transport,
      timing,
    });
  }

  /**
   * What a tag or digest points at, without its content; undefined when
   * absent. A registry that does not tell the digest is asked for the content.
   */
  async headManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<Descriptor | undefined> {
    try {
      const told = await this.#transport.send(
        { method: 'HEAD', ...this.#manifest(repository, reference, options) },
        async response => {
          await response.body.dump();
          return this.#describe(repository, reference, response);
        },
      );
      return (
        told ??
        (await this.getManifest(repository, reference, options)).descriptor
      );
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * A manifest of at most 8 MiB, its digest verified. Absent: RegistryError
   * with status 404. Docker schema 1 is refused.
   */
  async getManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<FetchedManifest> {
    return this.#transport.send(
      { method: 'GET', ...this.#manifest(repository, reference, options) },
      async response => {
        const bytes = await readBody(response.body, MAX_MANIFEST);
        const told = response.header('docker-content-digest') ?? '';
        const digest = this.#verify(repository, reference, told, bytes);
        const { mediaType, manifest } = parseManifest(
          bytes,
          response.header('content-type'),
        );
        const descriptor = { mediaType, digest, size: bytes.length };
        return { descriptor, bytes, manifest };
      },
    );
  }

  /** Publishes a manifest's bytes as they are, under a tag or its digest. */
  async putManifest(
    repository: string,
    reference: string,
    bytes: Uint8Array,
    mediaType: string,
    options: CallOptions = {},
  ): Promise<Descriptor> {
    const body = Buffer.from(bytes);
    const digest = this.#verify(repository, reference, '', body);
    await this.#transport.send(
      {
        method: 'PUT',
        ...this.#manifest(repository, reference, options),
        headers: { 'content-type': mediaType },
        body: async () => body,
        scopes: [`repository:${repository}:pull,push`],
      },
      async response => {
        await response.body.dump();
        const told = response.header('docker-content-digest') ?? '';
        this.#verify(repository, reference, told, body);
      },
    );
    return { mediaType, digest, size: body.length };
  }

  /** Deletes a manifest by digest, and with it every tag that points at it. */
  async deleteManifest(
    repository: string,
    digest: string,
    options: CallOptions = {},
  ): Promise<void> {
    if (!isDigest(digest)) {
      throw new RegistryError(
        'a manifest is deleted by its digest and not by a tag',
        { host: this.host, repository, reference: digest },
      );
    }
    await this.#transport.send(
      {
        method: 'DELETE',
        ...this.#manifest(repository, digest, options),
        scopes: [`repository:${repository}:pull,delete`],
      },
      response => response.body.dump(),
    );
  }

  /**
   * All tags, of all pages, in the registry's order. Absent repository:
   * RegistryError with status 404.
   */
  async listTags(
    repository: string,
    options: CallOptions = {},
  ): Promise<string[]> {
    checkName(repository);
    const tags = new Set<string>();
    const seen = new Set<string>();
    let page:
      | string
      | undefined = `/v2/${repository}/tags/list?n=${TAGS_PER_PAGE}`;
    while (page !== undefined) {
      if (seen.has(page)) {
        throw new RegistryError('the pages of its tag list go in a circle', {
          host: this.host,
          repository,
        });
      }
      seen.add(page);
      const { names, next } = await this.#tagPage(repository, page, options);
      names.forEach(name => tags.add(name));
      page = next;
    }
    return [...tags];
  }

  /** Size of a blob in bytes; undefined when absent. */
  async headBlob(
    repository: string,
    digest: string,
    options: CallOptions = {},
  ): Promise<{ size: number } | undefined> {
    return this.#blobs.head(repository, digest, options);
  }

  /**
   * A blob as a stream, which ends in an error when size or digest differ, and
   * before its last chunk. It holds one of the client's blob slots until it is
   * read to its end or destroyed. Once it flows it is not repeated.
   */
  async getBlob(
    repository: string,
    descriptor: Descriptor,
    options: CallOptions & { onBytes?(count: number): void } = {},
  ): Promise<Readable> {
    return this.#blobs.get(repository, descriptor, options);
  }

  /** A blob of at most 8 MiB, such as a config, verified. */
  async readBlob(
    repository: string,
    descriptor: Descriptor,
    options: CallOptions = {},
  ): Promise<Buffer> {
    return this.#blobs.read(repository, descriptor, options);
  }

  /**
   * Pushes a blob in one piece. What the body gives is verified on the way; a
   * wrong one never reaches the registry whole. The body is asked for anew for
   * each attempt, and an error of its making ends the push.
   */
  async putBlob(
    repository: string,
    descriptor: Descriptor,
    body: BlobBody,
    options: CallOptions = {},
  ): Promise<void> {
    await this.#blobs.put(repository, descriptor, body, options);
  }

  /**
   * Takes a blob over from another repository of this registry. False when the
   * registry will not, in which case it must be pushed.
   */
  async mountBlob(
    repository: string,
    digest: string,
    from: string,
    options: CallOptions = {},
  ): Promise<boolean> {
    return this.#blobs.mount(repository, digest, from, options);
  }

  /** Ends every connection, those in use included. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  #manifest(repository: string, reference: string, { signal }: CallOptions) {
    checkName(repository, reference);
    return {
      target: `/v2/${repository}/manifests/${reference}`,
      headers: { accept: MANIFEST_ACCEPT },
      scopes: [`repository:${repository}:pull`],
      repository,
      reference,
      signal,
    };
  }

  #describe(
    repository: string,
    reference: string,
    response: HostResponse,
  ): Descriptor | undefined {
    const at = { host: this.host, repository, reference };
    const mediaType = bareType(response.header('content-type'));
    const digest = response.header('docker-content-digest') ?? '';
    const size = response.header('content-length');
    if (isSchema1(mediaType)) {
      throw new RegistryError(SCHEMA1_REFUSED, at);
    }
    if (!isDigest(digest) || !size || !MANIFEST_ACCEPT.includes(mediaType)) {
      return undefined;
    }
    if (isDigest(reference) && digest !== reference) {
      throw new DigestMismatchError(`it answers with ${digest}`, at);
    }
    return { mediaType, digest, size: Number(size) };
  }

  /** Digest of the bytes, which must be that of the reference and the one told. */
  #verify(
    repository: string,
    reference: string,
    told: string,
    bytes: Buffer,
  ): string {
    const promised = [reference, told].filter(isDigest);
    for (const digest of promised) {
      const actual = digestOf(bytes, digestAlgorithm(digest));
      if (actual !== digest) {
        throw new DigestMismatchError(
          `the manifest's digest is ${actual} instead of ${digest}`,
          { host: this.host, repository, reference },
        );
      }
    }
    return promised[0] ?? digestOf(bytes);
  }

  async #tagPage(
    repository: string,
    page: string,
    { signal }: CallOptions,
  ): Promise<{ names: string[]; next?: string }> {
    return this.#transport.send(
      {
        method: 'GET',
        target: page,
        scopes: [`repository:${repository}:pull`],
        repository,
        signal,
      },
      async response => {
        const body = await readBody(response.body, MAX_TAG_PAGE);
        const parsed = tagsSchema.parse(JSON.parse(body.toString('utf8')));
        return {
          names: parsed.tags ?? [],
          next: parseNextLink(response.header('link'), page),
        };
      },
    );
  }
}
