import { prereleaseRank } from './compareTags';
import type { ParsedTag } from './parseTag';

/**
 * Text whose byte order is the order of numbers: the count of digits as a
 * letter, then the digits (3 is `a3`, 21 is `b21`); parts are joined by `.`,
 * and trailing zeros left out, because a missing part is 0.
 *
 * @param numbers - integers from 0 to below 10^15
 * @public
 */
export function numbersKey(numbers: number[]): string {
  const significant = numbers.slice(
    0,
    numbers.findLastIndex(number => number !== 0) + 1,
  );
  return significant.map(numberKey).join('.');
}

/**
 * A key whose byte order is the order of {@link compareTags} within a family;
 * empty for a tag without a version.
 *
 * @public
 */
export function versionKey(parsed: ParsedTag): string {
  if (parsed.version === undefined) {
    return '';
  }
  const { parts, prerelease, build, suffixVersion, tag } = parsed;
  // "!" sorts before every letter, digit and "."
  return [
    numbersKey(parts),
    numberKey(prereleaseRank(prerelease)),
    numberKey(prerelease?.number ?? 0),
    numbersKey(build),
    numbersKey(suffixVersion),
    tag,
  ].join('!');
}

function numberKey(number: number): string {
  const digits = String(number);
  return `${String.fromCharCode(96 + digits.length)}${digits}`;
}
