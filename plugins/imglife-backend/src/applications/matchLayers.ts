import {
  indexByChain,
  longestMatches,
  type BaseCandidate,
  type KnownImage,
} from './baseCandidates';
import type { ImageFacts } from './imageFacts';

/** The longest matches of all platforms, put together. */
export interface LayerMatches {
  candidates: BaseCandidate[];
  /** of every platform, when they do not agree on one base */
  perPlatform: BaseCandidate[][];
  agree: boolean;
}

/**
 * What an image's layers begin with; undefined when that is nothing known.
 *
 * @param roots - `known` by root
 */
export function matchLayers(
  image: ImageFacts,
  roots: ReadonlyMap<string, BaseCandidate>,
  known: KnownImage[],
): LayerMatches | undefined {
  const byChain = indexByChain(known);
  const keys = image.platforms.map(platform =>
    longestMatches(platform.chainIds, byChain),
  );
  const first = keys.find(set => set.size > 0);
  if (!first) {
    return undefined;
  }
  const toCandidates = (set: Iterable<string>) =>
    [...set].flatMap(key => roots.get(key) ?? []);
  const common = [...first].filter(key => keys.every(set => set.has(key)));
  return {
    candidates: toCandidates(common.length > 0 ? common : first),
    perPlatform: keys.map(toCandidates),
    agree: common.length > 0,
  };
}
