import { RegistryError } from '../errors';
import type { FetchedManifest, ManifestStore } from '../ManifestStore';
import type { Descriptor, ImageIndex, ImageManifest } from '../manifests';
import { MediaTypes } from '../mediaTypes';
import { parseManifest } from '../parseManifest';
import { checkName } from '../Reference';
import type { HostTransport } from '../transport/HostTransport';
import { parseNextLink } from '../transport/parseNextLink';
import { readBody } from '../transport/readBody';
import type { DigestTags } from './DigestTags';
import { referrersTag } from './referrersTag';

interface CallOptions {
  signal?: AbortSignal;
}

/** What a referrers store works with. */
export interface ReferrersStoreOptions {
  host: string;
  transport: HostTransport;
  manifests: ManifestStore;
}

const MAX_PAGE = 8 * 1024 * 1024;
// Statuses by which registries say that they know no such route
const WITHOUT_API = [400, 404, 405, 501];
const WRITE_TRIES = 5;

/**
 * Manifests that refer to others by `subject` (OCI distribution-spec, "Listing
 * Referrers", "Pushing Manifests with Subject"). Behind RegistryClient, whose
 * methods say what each verb does.
 */
export class ReferrersStore {
  static create(options: ReferrersStoreOptions): ReferrersStore {
    return new ReferrersStore(options);
  }

  readonly #options: ReferrersStoreOptions;
  /** Repositories whose registry has no referrers API. */
  readonly #withoutApi = new Set<string>();
  /** One writer at a time per fallback index, within this process. */
  readonly #writers = new Map<string, Promise<void>>();

  private constructor(options: ReferrersStoreOptions) {
    this.#options = options;
  }

  async list(
    repository: string,
    digest: string,
    options: CallOptions & { artifactType?: string; digestTags?: DigestTags },
  ): Promise<Descriptor[]> {
    checkName(repository, digest);
    const { artifactType, digestTags } = options;
    const byApi = await this.#listByApi(repository, digest, options);
    if (!byApi && digestTags?.hasIndexOf(digest) === false) {
      return [];
    }
    const all =
      byApi ??
      (await this.#readFallback(repository, digest, options)).manifests;
    // registries may leave the filter to us ("OCI-Filters-Applied")
    return all.filter(
      each => artifactType === undefined || each.artifactType === artifactType,
    );
  }

  mayHaveApi(repository: string): boolean {
    return !this.#withoutApi.has(repository);
  }

  /**
   * Adds a pushed manifest to the fallback index of its subject. Other
   * processes may write the same index: it is read again after the write, and
   * written again when the entry was lost.
   */
  async addToFallback(
    repository: string,
    pushed: FetchedManifest,
    options: CallOptions,
  ): Promise<void> {
    const { subject } = pushed.manifest;
    if (!subject) {
      return;
    }
    const key = `${repository}@${subject.digest}`;
    const before = this.#writers.get(key) ?? Promise.resolve();
    const writing = before
      .catch(() => {})
      .then(() => this.#write(repository, subject.digest, pushed, options));
    this.#writers.set(key, writing);
    try {
      await writing;
    } finally {
      if (this.#writers.get(key) === writing) {
        this.#writers.delete(key);
      }
    }
  }

  async #write(
    repository: string,
    subject: string,
    pushed: FetchedManifest,
    options: CallOptions,
  ): Promise<void> {
    const { manifests, host } = this.#options;
    const entry = referrerDescriptor(pushed);
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      const index = await this.#readFallback(repository, subject, options);
      if (index.manifests.some(({ digest }) => digest === entry.digest)) {
        return;
      }
      const bytes = Buffer.from(
        JSON.stringify({
          ...index,
          schemaVersion: 2,
          mediaType: MediaTypes.ociIndex,
          manifests: [...index.manifests, entry],
        }),
      );
      const tag = referrersTag(subject);
      await manifests.put(repository, tag, bytes, MediaTypes.ociIndex, options);
    }
    throw new RegistryError(
      `its index of referrers loses what is written to it; ${WRITE_TRIES} tries`,
      { host, repository, reference: referrersTag(subject), retryable: true },
    );
  }

  async #readFallback(
    repository: string,
    digest: string,
    options: CallOptions,
  ): Promise<ImageIndex> {
    try {
      const { manifest } = await this.#options.manifests.get(
        repository,
        referrersTag(digest),
        options,
      );
      return 'manifests' in manifest
        ? manifest
        : { schemaVersion: 2, manifests: [] };
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404) {
        return { schemaVersion: 2, manifests: [] };
      }
      throw error;
    }
  }

  /** undefined: the registry has no such API. */
  async #listByApi(
    repository: string,
    digest: string,
    options: CallOptions & { artifactType?: string },
  ): Promise<Descriptor[] | undefined> {
    if (this.#withoutApi.has(repository)) {
      return undefined;
    }
    const { artifactType } = options;
    const query =
      artifactType === undefined
        ? ''
        : `?${new URLSearchParams({ artifactType })}`;
    const found = new Map<string, Descriptor>();
    const seen = new Set<string>();
    let page:
      | string
      | undefined = `/v2/${repository}/referrers/${digest}${query}`;
    while (page !== undefined && !seen.has(page)) {
      seen.add(page);
      const answer: ReferrersPage | undefined = await this.#page(
        repository,
        digest,
        page,
        options,
      );
      if (!answer) {
        this.#withoutApi.add(repository);
        return undefined;
      }
      answer.manifests.forEach(each => found.set(each.digest, each));
      page = answer.next;
    }
    return [...found.values()];
  }

  async #page(
    repository: string,
    digest: string,
    page: string,
    { signal }: CallOptions,
  ): Promise<ReferrersPage | undefined> {
    const { transport } = this.#options;
    try {
      return await transport.send(
        {
          method: 'GET',
          target: page,
          headers: { accept: MediaTypes.ociIndex },
          scopes: [`repository:${repository}:pull`],
          repository,
          reference: digest,
          signal,
        },
        async response => {
          const bytes = await readBody(response.body, MAX_PAGE);
          const { manifest } = parseManifest(
            bytes,
            response.header('content-type'),
          );
          const next = parseNextLink(response.header('link'), page);
          return 'manifests' in manifest
            ? { manifests: manifest.manifests, next }
            : undefined;
        },
      );
    } catch (error) {
      if (
        error instanceof RegistryError &&
        WITHOUT_API.includes(error.status ?? 0)
      ) {
        return undefined;
      }
      throw error;
    }
  }
}

interface ReferrersPage {
  manifests: Descriptor[];
  next?: string;
}

/**
 * How a manifest stands in the list of its subject's referrers: its artifact
 * type, else its config's media type, and its annotations.
 */
export function referrerDescriptor({
  descriptor,
  manifest,
}: Pick<FetchedManifest, 'descriptor' | 'manifest'>): Descriptor {
  const { mediaType, digest, size } = descriptor;
  const { annotations } = manifest;
  const artifactType =
    manifest.artifactType ??
    ('config' in manifest
      ? (manifest as ImageManifest).config.mediaType
      : undefined);
  return {
    mediaType,
    digest,
    size,
    ...(artifactType && { artifactType }),
    ...(annotations && { annotations }),
  };
}
