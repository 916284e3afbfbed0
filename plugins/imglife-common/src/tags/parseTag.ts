/** A prerelease marker of a tag, such as `rc1`. @public */
export interface Prerelease {
  /** lower case, as written: `a`, `alpha`, `b`, `beta`, `rc`, … */
  kind: string;
  /** 0 when there is none */
  number: number;
}

/** A tag, taken apart. @public */
export interface ParsedTag {
  /** as given */
  tag: string;
  /** as written, without `v`, build, prerelease and suffix: `3.21.3`; the date of `jammy-20240227` */
  version?: string;
  /** the version as numbers; empty without a version */
  parts: number[];
  /** `_9`, `+9`, `-b07`, `-1214.1725849297`: the last sort key, not a part of the version */
  build: number[];
  prerelease?: Prerelease;
  /** the rest, without its separator: `jre-alpine-3.20` */
  suffix: string;
  /** the suffix without its own version: `jre-alpine` */
  suffixName: string;
  suffixVersion: number[];
  /** `jammy` of `jammy-20240227` */
  codename?: string;
  /** tags are ordered only within a family; empty without a version */
  family: string;
}

const HEX = /^[0-9a-f]{7,40}$/;
const DATED = /^([a-z]+)-(\d{8}(?:\.\d{1,6})?)(?=$|-)/;
// "u" is how Java 8 writes its updates: 8u502
const VERSION = /^v?(\d+(?:[.u]\d+)*)(?=$|[^0-9])/;
// Red Hat's rebuilds have two numbers: 9.4-1214.1725849297
const BUILD = /^(?:[_+]|-b?)(\d+(?:\.\d+)*)(?=$|[-+_])/;
// .NET writes the build after it: 10.0.0-preview.5.25277.114
const PRERELEASE =
  /^[-.]?(alpha|beta|preview|pre|rc|snapshot|dev|nightly|a|b|m)(?:[.-]?(\d+)((?:\.\d+)*))?(?=$|[-+_])/i;
const NUMBERS = /\d+(?:\.\d+)*/;
// Beyond this a number is not exact, and no version either
const MAX_DIGITS = 15;

/**
 * Takes a tag apart into version, build, prerelease and suffix. Never throws;
 * linear in the length of the tag. Digests of commits, `latest`, `edge` and
 * codenames without a date have no version.
 *
 * @public
 */
export function parseTag(tag: string): ParsedTag {
  if (HEX.test(tag) && /[a-f]/.test(tag)) {
    return unversioned(tag);
  }
  const dated = DATED.exec(tag);
  if (dated) {
    const [all, codename, date] = dated;
    return finish(tag, {
      version: date,
      rest: tag.slice(all.length),
      build: [],
      codename,
    });
  }
  const found = VERSION.exec(tag);
  if (!found || found[1].split(/[.u]/).some(part => part.length > MAX_DIGITS)) {
    return unversioned(tag);
  }
  let rest = tag.slice(found[0].length);
  const build: number[] = [];
  const takeBuild = () => {
    const match = BUILD.exec(rest);
    if (match && isExact(match[1])) {
      build.push(...numbersOf(match[1]));
      rest = rest.slice(match[0].length);
    }
  };
  takeBuild();
  let prerelease: Prerelease | undefined;
  const marker = PRERELEASE.exec(rest);
  const [, kind, number = '0', more = ''] = marker ?? [];
  if (marker && isExact(`${number}${more}`)) {
    prerelease = { kind: kind.toLowerCase(), number: Number(number) };
    build.push(...numbersOf(more.slice(1)));
    rest = rest.slice(marker[0].length);
    takeBuild();
  }
  return finish(tag, { version: found[1], rest, build, prerelease });
}

function isExact(numbers: string): boolean {
  return numbers.split('.').every(part => part.length <= MAX_DIGITS);
}

function numbersOf(dotted: string): number[] {
  return dotted ? dotted.split('.').map(Number) : [];
}

function unversioned(tag: string): ParsedTag {
  return {
    tag,
    parts: [],
    build: [],
    suffix: '',
    suffixName: '',
    suffixVersion: [],
    family: '',
  };
}

function finish(
  tag: string,
  found: {
    version: string;
    rest: string;
    build: number[];
    prerelease?: Prerelease;
    codename?: string;
  },
): ParsedTag {
  const parts = found.version.split(/[.u]/).map(Number);
  const suffix = found.rest.replace(/^[-_.+]/, '');
  const { name, version } = splitSuffix(suffix);
  const precision = found.codename ?? String(Math.min(parts.length, 3));
  return {
    tag,
    version: found.version,
    parts,
    build: found.build,
    ...(found.prerelease && { prerelease: found.prerelease }),
    suffix,
    suffixName: name,
    suffixVersion: version,
    ...(found.codename && { codename: found.codename }),
    family: `${precision}|${name}`,
  };
}

function splitSuffix(suffix: string): { name: string; version: number[] } {
  const numbers = NUMBERS.exec(suffix);
  if (
    !numbers ||
    numbers[0].split('.').some(part => part.length > MAX_DIGITS)
  ) {
    return { name: suffix, version: [] };
  }
  const before = suffix.slice(0, numbers.index).replace(/[-_.]$/, '');
  const after = suffix
    .slice(numbers.index + numbers[0].length)
    .replace(/^[-_.]/, '');
  return {
    name: [before, after].filter(Boolean).join('-'),
    version: numbers[0].split('.').map(Number),
  };
}
