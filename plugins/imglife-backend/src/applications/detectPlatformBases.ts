import { groupByRoot } from './baseCandidates';
import {
  detectBase,
  type BaseDetectionInput,
  type BaseOutcome,
} from './detectBase';
import { matchLayers } from './matchLayers';

/** What one platform of an index stands on. */
export interface PlatformBase {
  /** `linux/arm64` */
  platform: string;
  base: BaseOutcome;
}

/**
 * What each platform of an index stands on, in the order of the index;
 * undefined when that is the same for all, or only one can be told.
 *
 * Each is looked at as if it were alone. A declaration speaks for the platforms
 * whose layers do not contradict it; when all of them do there is nothing to
 * tell apart, and the declaration stays flagged as it is.
 */
export function detectPlatformBases(
  input: BaseDetectionInput,
): PlatformBase[] | undefined {
  const { image, known } = input;
  if (!image || image.platforms.length < 2) {
    return undefined;
  }
  const matches = matchLayers(image, groupByRoot(known), known);
  if (matches?.agree) {
    return undefined;
  }
  const alone = image.platforms.map(platform => {
    const own = { ...input, image: { ...image, platforms: [platform] } };
    const found = detectBase(own);
    const contradicted = found.detection.mismatch;
    return {
      platform: platform.platform,
      contradicted,
      base: contradicted
        ? detectBase({ ...own, declared: undefined }).base
        : found.base,
    };
  });
  if (alone.every(each => each.contradicted)) {
    return undefined;
  }
  // Without layers only names speak, and who has none says nothing else
  const told = matches
    ? alone
    : alone.filter(({ base }) => base.kind !== 'unknown');
  const bases = told.map(({ platform, base }) => ({ platform, base }));
  return bases.some(({ base }) => isOther(base, bases[0].base))
    ? bases
    : undefined;
}

/** A digest that only one of the two has tells nothing. */
function isOther(one: BaseOutcome, other: BaseOutcome): boolean {
  if (one.kind !== 'base' || other.kind !== 'base') {
    return one.kind !== other.kind;
  }
  return (
    one.reference !== other.reference ||
    (one.digest !== undefined &&
      other.digest !== undefined &&
      one.digest !== other.digest)
  );
}
