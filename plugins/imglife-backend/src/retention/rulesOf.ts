import { matchesGlob } from '../applications/matchesGlob';
import type {
  RetentionPolicy,
  RetentionRules,
} from '../definitions/Definitions';

/**
 * The rules of one image: those of its tier, with what the first override that
 * fits has of its own.
 *
 * @param image - name of the mirror or base, or `host/path` of an application
 */
export function rulesOf(
  { overrides, ...rules }: RetentionPolicy,
  image: string,
): RetentionRules {
  const { image: _, ...own } = overrides.find(override =>
    matchesGlob(override.image, image),
  ) ?? {
    image,
  };
  return {
    ...rules,
    ...Object.fromEntries(
      Object.entries(own).filter(([, value]) => value !== undefined),
    ),
  };
}
