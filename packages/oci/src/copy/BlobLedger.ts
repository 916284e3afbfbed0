import type { FetchedManifest } from '../ManifestStore';
import { DigestTags } from '../referrers/DigestTags';

/** A repository of a registry. */
export interface LedgerPlace {
  /** As the client of the registry names it. */
  host: string;
  repository: string;
}

/** How a blob may come to a repository; each answers the bytes that were sent. */
export interface BlobWays {
  /** Takes it over from another repository; false when the registry will not. */
  mount(from: string): Promise<boolean>;
  /** Whether it is there. */
  isThere(): Promise<boolean>;
  /** Sends it. */
  upload(): Promise<number>;
}

const MANIFEST_CACHE_BYTES = 16 * 1024 * 1024;
const CONFIG_CACHE_BYTES = 8 * 1024 * 1024;

/**
 * What is known of targets within one run: blobs and manifests that are there
 * are not asked for again, a blob wanted by many at once is sent by one of them
 * while the others wait and then mount it, and a manifest or config is read once.
 *
 * To be shared by all copies of a run and thrown away with it: between runs a
 * registry may lose what it had.
 */
export class BlobLedger {
  /** By `host/repository@digest`: there, or on its way. */
  readonly #present = new Map<string, Promise<number>>();
  /** By `host@digest`: a repository that has it. */
  readonly #places = new Map<string, string>();
  /** By `host@digest`: the upload that is under way. */
  readonly #leaders = new Map<string, Promise<unknown>>();
  readonly #withoutMount = new Set<string>();
  readonly #manifests = new Map<string, FetchedManifest>();
  readonly #lists = new Map<string, Promise<string[]>>();
  readonly #digestTags = new WeakMap<string[], DigestTags>();
  readonly #configs = new Map<string, Promise<Buffer>>();
  #manifestBytes = 0;
  #configBytes = 0;

  static create(): BlobLedger {
    return new BlobLedger();
  }

  private constructor() {}

  /**
   * Sees to it that a blob is in a repository.
   *
   * @returns the bytes sent for it by this call; 0 when it was there, was
   *   mounted, or another call brought it
   * @throws what the ways throw; the next who wants it tries again
   */
  async bring(
    place: LedgerPlace,
    digest: string,
    ways: BlobWays,
  ): Promise<number> {
    return this.once(place, digest, () => this.#bring(place, digest, ways));
  }

  /**
   * Does what brings a manifest or blob to a repository, unless it was done.
   *
   * @returns the bytes sent by this call
   */
  async once(
    place: LedgerPlace,
    digest: string,
    work: () => Promise<number>,
  ): Promise<number> {
    const key = keyOf(place, digest);
    for (;;) {
      const known = this.#present.get(key);
      if (!known) {
        break;
      }
      try {
        await known;
        return 0;
      } catch {
        // whoever brought it has failed: now it may be our turn
      }
    }
    const bringing = work();
    this.#present.set(key, bringing);
    // before those who wait for it go on
    bringing.catch(() => this.#present.delete(key));
    return bringing;
  }

  /** Forgets what is known of one repository: its registry says otherwise. */
  forget(place: LedgerPlace): void {
    const prefix = `${place.host}/${place.repository}@`;
    for (const key of this.#present.keys()) {
      if (key.startsWith(prefix)) {
        this.#present.delete(key);
      }
    }
    for (const [key, repository] of this.#places) {
      if (repository === place.repository && key.startsWith(`${place.host}@`)) {
        this.#places.delete(key);
      }
    }
  }

  /** A manifest by digest, read once; large numbers of them are not all kept. */
  async manifest(
    digest: string,
    read: () => Promise<FetchedManifest>,
  ): Promise<FetchedManifest> {
    const known = this.#manifests.get(digest);
    if (known) {
      return known;
    }
    const fetched = await read();
    this.#manifestBytes += fetched.bytes.length;
    if (this.#manifestBytes <= MANIFEST_CACHE_BYTES) {
      this.#manifests.set(digest, fetched);
    }
    return fetched;
  }

  /**
   * A config by digest, read once, also where several copies want it at the
   * same time; large numbers of them are not all kept.
   *
   * @throws what `read` throws; the next who wants it reads itself
   */
  async config(digest: string, read: () => Promise<Buffer>): Promise<Buffer> {
    for (;;) {
      const known = this.#configs.get(digest);
      if (!known) {
        break;
      }
      try {
        return await known;
      } catch {
        // whoever read it has failed: now it may be our turn
      }
    }
    const reading = read();
    this.#configs.set(digest, reading);
    try {
      const bytes = await reading;
      this.#configBytes += bytes.length;
      if (this.#configBytes > CONFIG_CACHE_BYTES) {
        this.#configs.delete(digest);
      }
      return bytes;
    } catch (error) {
      this.#configs.delete(digest);
      throw error;
    }
  }

  /** The tags of a repository, listed once. */
  async tags(
    place: LedgerPlace,
    list: () => Promise<string[]>,
  ): Promise<string[]> {
    const key = keyOf(place, 'tags');
    const listing = this.#lists.get(key) ?? list();
    this.#lists.set(key, listing);
    listing.catch(() => this.#lists.delete(key));
    return listing;
  }

  /** Those of its tags that belong to images by their names; see {@link BlobLedger.tags}. */
  async digestTags(
    place: LedgerPlace,
    list: () => Promise<string[]>,
  ): Promise<DigestTags> {
    const tags = await this.tags(place, list);
    const known = this.#digestTags.get(tags) ?? DigestTags.among(tags);
    this.#digestTags.set(tags, known);
    return known;
  }

  async #bring(
    place: LedgerPlace,
    digest: string,
    ways: BlobWays,
  ): Promise<number> {
    const anywhere = `${place.host}@${digest}`;
    // whether it went well is seen by what it has left
    await this.#leaders.get(anywhere)?.catch(() => {});
    const from = this.#places.get(anywhere);
    if (
      from !== undefined &&
      from !== place.repository &&
      !this.#withoutMount.has(place.host)
    ) {
      if (await ways.mount(from)) {
        return 0;
      }
      this.#withoutMount.add(place.host);
    }
    if (this.#leaders.has(anywhere)) {
      return this.#bring(place, digest, ways);
    }
    const leading = (async () =>
      (await ways.isThere()) ? 0 : ways.upload())();
    this.#leaders.set(anywhere, leading);
    try {
      const sent = await leading;
      this.#places.set(anywhere, place.repository);
      return sent;
    } finally {
      this.#leaders.delete(anywhere);
    }
  }
}

function keyOf({ host, repository }: LedgerPlace, what: string): string {
  return `${host}/${repository}@${what}`;
}
