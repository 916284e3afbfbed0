import type { ParsedTag, Prerelease } from './parseTag';

const KINDS = [
  ['dev'],
  ['nightly'],
  ['snapshot'],
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m'],
  ['pre', 'preview'],
  ['rc'],
];

/**
 * The place of a prerelease kind, earliest first; a release is later than all.
 *
 * @public
 */
export function prereleaseRank(prerelease: Prerelease | undefined): number {
  return prerelease
    ? KINDS.findIndex(kinds => kinds.includes(prerelease.kind))
    : KINDS.length;
}

/**
 * Orders two tags of one family, oldest first: version, prerelease before
 * release, build, then the suffix's own version. The tag itself breaks ties,
 * so that the order is total.
 *
 * @public
 */
export function compareTags(a: ParsedTag, b: ParsedTag): number {
  return (
    compareNumbers(a.parts, b.parts) ||
    prereleaseRank(a.prerelease) - prereleaseRank(b.prerelease) ||
    (a.prerelease?.number ?? 0) - (b.prerelease?.number ?? 0) ||
    compareNumbers(a.build, b.build) ||
    compareNumbers(a.suffixVersion, b.suffixVersion) ||
    compareText(a.tag, b.tag)
  );
}

/** Compares dotted numbers, missing ones as 0. @public */
export function compareNumbers(a: number[], b: number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference) {
      return difference;
    }
  }
  return 0;
}

function compareText(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
