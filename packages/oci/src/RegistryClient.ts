import type { Readable } from 'node:stream';
import { createCredentialSource } from './auth/createCredentialSource';
import { BlobStore } from './BlobStore';
import type { BlobBody } from './BlobSource';
import { BlobUploads } from './BlobUploads';
import { QuotaExhaustedError } from './errors';
import { HubTagDates, type TagDates } from './hub/HubTagDates';
import { listRepositories } from './listRepositories';
import { listTags } from './listTags';
import { ManifestStore, type FetchedManifest } from './ManifestStore';
import type { Descriptor } from './manifests';
import { parseManifest } from './parseManifest';
import { normalizeRegistry } from './Reference';
import {
  checkLimits,
  type RegistryClientOptions,
} from './RegistryClientOptions';
import { systemEnvironment } from './transport/Environment';
import type { DigestTags } from './referrers/DigestTags';
import { ReferrersStore } from './referrers/ReferrersStore';
import { HostTransport } from './transport/HostTransport';
import type { Quota } from './transport/QuotaWatch';
import { DEFAULT_TIMEOUTS } from './transport/Timeouts';
import { systemTiming } from './transport/Timing';

import type { MountSource } from './UploadSessions';

export type { RegistryClientOptions } from './RegistryClientOptions';

/** What every call takes. */
export interface CallOptions {
  /** Aborts requests, streams and waits; its reason is thrown. */
  signal?: AbortSignal;
}

const HUB = 'https://hub.docker.com';

/**
 * A client of one registry by the OCI distribution-spec 1.1, with one
 * keep-alive pool. 408, 429, 5xx and broken connections are tried five times,
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
  readonly #manifests: ManifestStore;
  readonly #referrers: ReferrersStore;
  readonly #blobs: BlobStore;
  readonly #uploads: BlobUploads;
  readonly #tagDates: HubTagDates | undefined;

  private constructor(options: RegistryClientOptions) {
    const { insecure = false, concurrency = 6, auth } = options;
    const { timing = systemTiming, environment = systemEnvironment() } =
      options;
    const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
    checkLimits(options);
    this.host = normalizeRegistry(options.host);
    this.concurrency = concurrency;
    this.#transport = HostTransport.create({
      ...options,
      host: this.host,
      insecure,
      credentials: createCredentialSource({
        host: this.host,
        auth,
        environment,
        now: timing.now,
      }),
      concurrency,
      userAgent: options.userAgent ?? 'imglife-oci',
      timing,
      timeouts,
      environment,
      allowedHosts: options.allowedHosts ?? [],
    });
    const { host } = this;
    const transport = this.#transport;
    this.#manifests = ManifestStore.create({ host, transport });
    this.#blobs = BlobStore.create({
      host,
      transport,
      concurrency,
      timing,
    });
    this.#referrers = ReferrersStore.create({
      host,
      transport,
      manifests: this.#manifests,
    });
    this.#uploads = BlobUploads.create({ host, transport, timing });
    const url = options.hubUrl ?? (host === 'docker.io' ? HUB : undefined);
    this.#tagDates =
      url === undefined
        ? undefined
        : HubTagDates.create({
            url,
            transport,
            timing,
            timeLimitMs: timeouts.besideMs,
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
    return this.#manifests.head(repository, reference, options);
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
    return this.#manifests.get(repository, reference, options);
  }

  /**
   * Publishes a manifest's bytes as they are, under a tag or its digest. One
   * with a `subject` is listed among the subject's referrers afterwards,
   * whether or not the registry knows of referrers.
   */
  async putManifest(
    repository: string,
    reference: string,
    bytes: Uint8Array,
    mediaType: string,
    options: CallOptions = {},
  ): Promise<Descriptor> {
    const { descriptor, processedSubject } = await this.#manifests.put(
      repository,
      reference,
      bytes,
      mediaType,
      options,
    );
    if (processedSubject === undefined && mentionsSubject(bytes)) {
      const { manifest } = parseManifest(bytes, mediaType);
      const pushed = { descriptor, bytes: Buffer.from(bytes), manifest };
      await this.#referrers.addToFallback(repository, pushed, options);
    }
    return descriptor;
  }

  /**
   * Manifests that refer to one by `subject`: signatures, SBOMs and the like.
   * Asked of the referrers API, or of the index that clients keep where there
   * is none. A digest that nothing refers to has none, be it there or not.
   *
   * @param options.digestTags - of the repository as listed a moment ago: an
   *   index that is not among them is not asked for
   */
  async listReferrers(
    repository: string,
    digest: string,
    options: CallOptions & {
      artifactType?: string;
      digestTags?: DigestTags;
    } = {},
  ): Promise<Descriptor[]> {
    return this.#referrers.list(repository, digest, options);
  }

  /**
   * False once the registry has answered that it knows no referrers API: what
   * refers to an image is then in an index that has a tag.
   */
  mayHaveReferrersApi(repository: string): boolean {
    return this.#referrers.mayHaveApi(repository);
  }

  /**
   * Deletes a manifest by digest, and with it every tag that points at it.
   * DeletesDisabledError where the registry is set to delete nothing.
   */
  async deleteManifest(
    repository: string,
    digest: string,
    options: CallOptions = {},
  ): Promise<void> {
    await this.#manifests.delete(repository, digest, options);
  }

  /**
   * Takes a tag away and leaves what it points at, where the registry can (OCI
   * distribution-spec 1.1, "Deleting tags"). `unsupported`: it deletes by digest
   * only, and nothing was changed.
   */
  async deleteTag(
    repository: string,
    tag: string,
    options: CallOptions = {},
  ): Promise<'deleted' | 'absent' | 'unsupported'> {
    return this.#manifests.deleteTag(repository, tag, options);
  }

  /**
   * All tags, of all pages, in the registry's order. Absent repository:
   * RegistryError with status 404.
   */
  async listTags(
    repository: string,
    options: CallOptions = {},
  ): Promise<string[]> {
    return listTags({
      ...options,
      repository,
      host: this.host,
      transport: this.#transport,
    });
  }

  /**
   * When these tags were last pushed, where the registry has an API beside it
   * that tells: Docker Hub. Best effort, asked as nobody; `undefined` where
   * there is no such API. Throws nothing but the signal's reason.
   */
  async readTagDates(
    repository: string,
    tags: ReadonlySet<string>,
    options: CallOptions = {},
  ): Promise<TagDates | undefined> {
    return this.#tagDates?.read(repository, tags, options.signal);
  }

  /**
   * The repositories of the registry, of all pages, where it has Docker's
   * catalog: else RegistryError, most often with status 401, 403, 404 or 405.
   */
  async listRepositories(options: CallOptions = {}): Promise<string[]> {
    return listRepositories({
      ...options,
      host: this.host,
      transport: this.#transport,
    });
  }

  /** Size of a blob in bytes, where it is told; undefined when absent. */
  async headBlob(
    repository: string,
    digest: string,
    options: CallOptions = {},
  ): Promise<{ size?: number } | undefined> {
    return this.#blobs.head(repository, digest, options);
  }

  /**
   * A blob as a stream, which ends in an error when size or digest differ, and
   * before its last chunk. It holds one of the client's blob slots until it is
   * read to its end or destroyed. A connection that breaks is taken up again
   * where it broke, as long as there is progress.
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
   * Pushes a blob: in one piece, or in chunks where the registry will not take
   * it so. What the body gives is verified on the way; a wrong one never
   * reaches the registry whole. The body is asked for anew for each attempt,
   * and an error of its making ends the push. With `mount` the registry is
   * first asked to take the blob over from another repository, or from
   * wherever it has it, and the upload it opens otherwise is used.
   */
  async putBlob(
    repository: string,
    descriptor: Descriptor,
    body: BlobBody,
    options: CallOptions & { mount?: MountSource } = {},
  ): Promise<{ mounted: boolean }> {
    return this.#uploads.put(repository, descriptor, body, options);
  }

  /**
   * Takes a blob over from another repository of this registry, or from
   * wherever it has it. False when the registry will not, in which case it
   * must be pushed.
   */
  async mountBlob(
    repository: string,
    digest: string,
    from?: string,
    options: CallOptions = {},
  ): Promise<boolean> {
    return this.#uploads.mount(repository, digest, from, options);
  }

  /**
   * What the registry last said of the requests left (`ratelimit-remaining`),
   * or undefined when it never did, or so long ago that it counts no more.
   */
  quota(): Quota | undefined {
    return this.#transport.quota.current();
  }

  /**
   * Whether enough of the quota is left to look for more to pull: a tenth of
   * what is still to do, and one at least. A registry that tells no quota has
   * none.
   *
   * @param todo - images that are known to need pulling.
   */
  canDiscover(todo = 0): boolean {
    return this.#transport.quota.allows(todo);
  }

  /** Throws QuotaExhaustedError where `canDiscover` says no. */
  requireQuota(todo = 0): void {
    const { quota } = this.#transport;
    if (!quota.allows(todo)) {
      const { remaining, limit } = quota.current() ?? {};
      throw new QuotaExhaustedError(
        `it allows ${remaining} more requests${
          limit === undefined ? '' : ` of ${limit}`
        }; looking for more to pull waits until it allows more`,
        { host: this.host, retryAfterMs: quota.forgottenAfterMs() },
      );
    }
  }

  /** Ends every connection, those in use included. */
  async close(): Promise<void> {
    await this.#transport.close();
  }
}

/** Spares most manifests the parsing. */
function mentionsSubject(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(
    '"subject"',
  );
}
