import type { BaseSource } from '../definitions/Definitions';

/** A tag that a mirror holds, as the database knows it. */
export interface MirrorTag {
  /** `host/path` */
  repository: string;
  tag: string;
  /** its tag in the repository, where that is another: of a base */
  sourceTag?: string;
  family: string;
  /** empty for a tag without a version */
  versionKey: string;
  digest: string;
  platforms: string[];
  /** of the image itself, ISO 8601 */
  imageCreated?: string;
  product?: string;
  cycle?: string;
  osProduct?: string;
  osCycle?: string;
}

function newestFirst(a: MirrorTag, b: MirrorTag): number {
  if (a.versionKey === b.versionKey) {
    return a.tag < b.tag ? 1 : -1;
  }
  return a.versionKey < b.versionKey ? 1 : -1;
}

function group<T>(items: T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}

/**
 * The mirrored tags a base follows. Every family of the mirror is followed by
 * itself; without a known cycle the family is one cycle. A tag that has
 * neither version nor cycle, such as `latest`, is followed only by `tag` and
 * by `track: all`.
 *
 * @param tags - what the mirror holds
 * @param isSupported - for `cycles: supported`
 * @returns newest first within each family
 */
export function planBuilds(
  from: BaseSource,
  tags: ReadonlyArray<MirrorTag>,
  isSupported: (tag: MirrorTag) => boolean,
): MirrorTag[] {
  if ('tag' in from) {
    return tags.filter(
      ({ tag, sourceTag }) => tag === from.tag || sourceTag === from.tag,
    );
  }
  const { track, cycles = 'all' } = from;
  const candidates = tags.filter(
    ({ versionKey, cycle }) => track === 'all' || versionKey !== '' || cycle,
  );
  return group(candidates, ({ family }) => family).flatMap(family => {
    const lines = group(
      [...family].sort(newestFirst),
      ({ cycle }) => cycle ?? '',
    );
    const followed =
      typeof cycles === 'number' ? lines.slice(0, cycles) : lines;
    const wanted = followed
      .map(line => (cycles === 'supported' ? line.filter(isSupported) : line))
      .filter(line => line.length > 0);
    switch (track) {
      case 'latest':
        return wanted.slice(0, 1).map(([newest]) => newest);
      case 'latest-per-cycle':
        return wanted.map(([newest]) => newest);
      default:
        return wanted.flat();
    }
  });
}
