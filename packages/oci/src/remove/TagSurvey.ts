import { inParallel } from '../inParallel';
import { isIndex } from '../mediaTypes';
import { DigestTags } from '../referrers/DigestTags';
import type { RegistryClient } from '../RegistryClient';
import { saysAbsent } from './saysAbsent';

/** What {@link TagSurvey} looks at. */
export interface TagSurveyOptions {
  client: RegistryClient;
  repository: string;
  /** How long what was seen counts, in milliseconds. Default 10 s. */
  maxAgeMs?: number;
  /** Milliseconds since 1970; default the process's clock. */
  now?: () => number;
}

const MAX_AGE_MS = 10_000;
const MAX_DEPTH = 8;

/**
 * Which tags of a repository point at what, the manifests below their indexes
 * included: a registry that deletes by digest takes every one of them along.
 * One HEAD for each tag, again whenever what was seen is too old.
 */
export class TagSurvey {
  readonly #options: TagSurveyOptions;
  /** By tag. */
  #digests = new Map<string, string>();
  /** By digest of an index: the manifests below it. An index never changes. */
  readonly #below = new Map<string, Promise<string[]>>();
  #seenAt: number | undefined;

  static create(options: TagSurveyOptions): TagSurvey {
    return new TagSurvey(options);
  }

  private constructor(options: TagSurveyOptions) {
    this.#options = options;
  }

  /**
   * Whether a tag points at that manifest, or at an index that has it.
   *
   * @param except - tags that do not count
   */
  async isReached(
    digest: string,
    except: ReadonlySet<string>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    await this.#look(signal);
    for (const [tag, root] of this.#digests) {
      if (!except.has(tag)) {
        const below = root === digest ? [digest] : await this.#below.get(root);
        if (below?.includes(digest)) {
          return true;
        }
      }
    }
    return false;
  }

  /** What a tag was seen to point at; undefined: there is no such tag. */
  async digestOf(
    tag: string,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    await this.#look(signal);
    return this.#digests.get(tag);
  }

  /** The tags that belong to images by their names. */
  async digestTags(signal?: AbortSignal): Promise<DigestTags> {
    await this.#look(signal);
    return DigestTags.among(this.#digests.keys());
  }

  /** That tag is no more. */
  forget(tag: string): void {
    this.#digests.delete(tag);
  }

  async #look(signal: AbortSignal | undefined): Promise<void> {
    const { now = Date.now, maxAgeMs = MAX_AGE_MS, client } = this.#options;
    if (this.#seenAt !== undefined && now() - this.#seenAt < maxAgeMs) {
      return;
    }
    const { repository } = this.#options;
    const startedAt = now();
    const tags = await this.#listTags(signal);
    const digests = new Map<string, string>();
    await inParallel(tags, client.concurrency, signal, async (tag, either) => {
      const found = await client.headManifest(repository, tag, {
        signal: either,
      });
      if (found) {
        digests.set(tag, found.digest);
        if (isIndex(found.mediaType)) {
          await this.#readBelow(found.digest, either);
        }
      }
    });
    this.#digests = digests;
    this.#seenAt = startedAt;
  }

  async #listTags(signal: AbortSignal | undefined): Promise<string[]> {
    const { client, repository } = this.#options;
    try {
      return await client.listTags(repository, { signal });
    } catch (error) {
      if (saysAbsent(error)) {
        return [];
      }
      throw error;
    }
  }

  #readBelow(digest: string, signal: AbortSignal): Promise<string[]> {
    const reading =
      this.#below.get(digest) ?? this.#manifestsOf(digest, signal, MAX_DEPTH);
    this.#below.set(digest, reading);
    reading.catch(() => this.#below.delete(digest));
    return reading;
  }

  async #manifestsOf(
    digest: string,
    signal: AbortSignal,
    depth: number,
  ): Promise<string[]> {
    const { client, repository } = this.#options;
    const { manifest } = await client.getManifest(repository, digest, {
      signal,
    });
    if (!('manifests' in manifest)) {
      return [];
    }
    const nested: string[] = [];
    for (const child of manifest.manifests) {
      nested.push(child.digest);
      if (isIndex(child.mediaType) && depth > 1) {
        nested.push(
          ...(await this.#manifestsOf(child.digest, signal, depth - 1)),
        );
      }
    }
    return nested;
  }
}
