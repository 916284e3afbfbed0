import type { ParsedTag } from '@imglife/backstage-plugin-imglife-common';
import { Range, SemVer } from 'semver';

const SEMVER_PARTS = 3;

const ranges = new Map<string, Range>();

/**
 * Whether a tag's version lies in a range of npm's `semver`. Tags are seldom
 * semantic versions: missing parts count as 0 (`3.21` is 3.21.0), parts past
 * the third do not count, and a prerelease counts as the release it precedes.
 */
export function inRange(parsed: ParsedTag, range: string): boolean {
  const [major, minor = 0, patch = 0] = parsed.parts.slice(0, SEMVER_PARTS);
  return rangeOf(range).test(new SemVer(`${major}.${minor}.${patch}`));
}

function rangeOf(text: string): Range {
  const known = ranges.get(text);
  if (known) {
    return known;
  }
  const range = new Range(text);
  ranges.set(text, range);
  return range;
}
