import { referrersTag } from './referrersTag';

const DIGEST_TAG = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*-[0-9a-f]{32,}(?:\.|$)/;

/**
 * Which tags of a repository belong to its images by their names: the indexes
 * of referrers (OCI distribution-spec, "Referrers Tag Schema"), cosign's
 * `sha256-….sig`, `.att` and `.sbom`, and whatever else follows the same rule.
 */
export class DigestTags {
  readonly #indexes = new Set<string>();
  /** By `sha256-…`, what is before the first dot behind the digest. */
  readonly #byImage = new Map<string, string[]>();

  /** @param tags - all tags of the repository */
  static among(tags: Iterable<string>): DigestTags {
    return new DigestTags(tags);
  }

  private constructor(tags: Iterable<string>) {
    for (const tag of tags) {
      const [found] = DIGEST_TAG.exec(tag) ?? [];
      if (found?.endsWith('.')) {
        const image = found.slice(0, -1);
        const others = this.#byImage.get(image) ?? [];
        this.#byImage.set(image, [...others, tag]);
      } else if (found) {
        this.#indexes.add(tag);
      }
    }
  }

  /** Whether no image has one. */
  get isEmpty(): boolean {
    return !this.#indexes.size && !this.#byImage.size;
  }

  /** Whether the repository has an index of what refers to an image. */
  hasIndexOf(digest: string): boolean {
    return this.#indexes.has(referrersTag(digest));
  }

  /** The tags of an image, without the index of its referrers, which is kept and not copied. */
  of(digest: string): string[] {
    return this.#byImage.get(digest.replace(':', '-')) ?? [];
  }
}
