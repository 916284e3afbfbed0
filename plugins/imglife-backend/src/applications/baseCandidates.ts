import {
  compareTags,
  parseTag,
} from '@imglife/backstage-plugin-imglife-common';
import type { NamedBase } from './namedBase';

/** One row of the chain index, as detection needs it. */
export interface KnownImage {
  tier: 'bases' | 'mirrors';
  /** name of the definition */
  name: string;
  /** `host/path` */
  repository: string;
  tag: string;
  /** what the tag pointed at */
  rootDigest: string;
  /** the root or one child */
  digest: string;
  chainId?: string;
  inputHash?: string;
  /** its label `org.opencontainers.image.source` */
  source?: string;
  /** its label `org.opencontainers.image.revision` */
  revision?: string;
  /** ISO 8601 UTC */
  publishedAt: string;
  /** what a mirror is a copy of */
  upstream?: { repository: string; tag: string };
}

/** An image that may be the base: one root digest a known tag ever had. */
export interface BaseCandidate {
  image: KnownImage;
  /** the root and every known child */
  digests: Set<string>;
}

/** `host/path:tag` */
export function candidateReference(candidate: BaseCandidate): string {
  return `${candidate.image.repository}:${candidate.image.tag}`;
}

function keyOf(image: KnownImage): string {
  return `${image.repository}:${image.tag}@${image.rootDigest}`;
}

/** The known images by root, each with all of its digests that were found. */
export function groupByRoot(known: KnownImage[]): Map<string, BaseCandidate> {
  const groups = new Map<string, BaseCandidate>();
  for (const image of known) {
    const key = keyOf(image);
    const group = groups.get(key) ?? { image, digests: new Set() };
    group.digests.add(image.digest).add(image.rootDigest);
    groups.set(key, group);
  }
  return groups;
}

/**
 * The longest known chains an image's layers begin with, as keys of
 * `groupByRoot`; equality counts, a shorter prefix confirms nothing.
 *
 * @param chainIds - of every prefix, shortest first
 */
export function longestMatches(
  chainIds: string[],
  byChain: ReadonlyMap<string, Set<string>>,
): Set<string> {
  for (let depth = chainIds.length - 1; depth >= 0; depth--) {
    const match = byChain.get(chainIds[depth]);
    if (match) {
      return match;
    }
  }
  return new Set();
}

/** Keys of `groupByRoot` by chain id. */
export function indexByChain(known: KnownImage[]): Map<string, Set<string>> {
  const index = new Map<string, Set<string>>();
  for (const image of known) {
    if (image.chainId) {
      const keys = index.get(image.chainId) ?? new Set();
      index.set(image.chainId, keys.add(keyOf(image)));
    }
  }
  return index;
}

/**
 * Whether a name means that candidate: by its own reference, by that of the
 * upstream it is a byte-for-byte copy of, or by digest alone.
 */
export function namesCandidate(
  named: NamedBase,
  candidate: BaseCandidate,
): 'own' | 'upstream' | undefined {
  const { image, digests } = candidate;
  if (named.digest && !digests.has(named.digest)) {
    return undefined;
  }
  const matches = (other: { repository: string; tag: string }) =>
    (!named.repository || named.repository === other.repository) &&
    (!named.tag || named.tag === other.tag);
  if (matches(image)) {
    return 'own';
  }
  return image.upstream && matches(image.upstream) ? 'upstream' : undefined;
}

/**
 * The newest candidate that was published when the image was built; `tied`
 * when nothing tells which of several references it is.
 *
 * @param builtAt - ISO 8601 UTC; undefined where the image does not tell
 */
export function newestBefore(
  candidates: BaseCandidate[],
  builtAt: string | undefined,
): { chosen: BaseCandidate; tied: boolean } {
  const newestFirst = byVersion(candidates).sort(
    (a, b) => Date.parse(b.image.publishedAt) - Date.parse(a.image.publishedAt),
  );
  const before = builtAt
    ? newestFirst.filter(each => each.image.publishedAt <= builtAt)
    : [];
  const order = before.length > 0 ? before : newestFirst;
  const [newest] = order;
  // of several tags of one image the one that says most
  const [chosen = newest] = byVersion(
    order.filter(each => isSameImage(each, newest) && hasVersion(each)),
  );
  const rivals = (
    before.length > 0
      ? order.filter(
          each => each.image.publishedAt === newest.image.publishedAt,
        )
      : order
  ).map(candidateReference);
  return { chosen, tied: new Set(rivals).size > 1 };
}

/**
 * Orders candidates for people: tags that look like versions first, the newest
 * of them at the top, then by name.
 */
export function byVersion(candidates: BaseCandidate[]): BaseCandidate[] {
  return [...candidates].sort(
    (a, b) =>
      Number(hasVersion(b)) - Number(hasVersion(a)) ||
      (hasVersion(a)
        ? compareTags(parseTag(b.image.tag), parseTag(a.image.tag))
        : 0) ||
      (keyOf(a.image) < keyOf(b.image) ? -1 : 1),
  );
}

function hasVersion({ image }: BaseCandidate): boolean {
  return parseTag(image.tag).version !== undefined;
}

/** Whether two are tags of one image. */
export function isSameImage(a: BaseCandidate, b: BaseCandidate): boolean {
  return (
    a.image.repository === b.image.repository &&
    a.image.rootDigest === b.image.rootDigest
  );
}
