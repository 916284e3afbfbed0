import {
  compareTags,
  parseTag,
  type ParsedTag,
} from '@imglife/backstage-plugin-imglife-common';

// cosign's and the referrers tag schema's names for what belongs to a digest
const DIGEST_TAG = /^sha(?:256|512)-[0-9a-f]{64,128}(?:\.\w+)?$/;

/**
 * The tags of a repository that are looked at first: of those with a version
 * the newest, family by family in turn; then those without one, `latest` first
 * and else the registry's last, since nothing tells their age. Tags that hold
 * signatures and the like are left out.
 *
 * @param limit - the most tags of each of the two kinds
 */
export function newestTags(tags: string[], limit: number): string[] {
  const images = tags.filter(tag => !DIGEST_TAG.test(tag));
  const parsed = images.map(parseTag);
  const versioned = parsed.filter(tag => tag.version !== undefined);
  const others = parsed
    .filter(tag => tag.version === undefined)
    .map(({ tag }) => tag)
    .reverse();
  const named = others.filter(tag => tag === 'latest');
  const rest = others.filter(tag => tag !== 'latest');
  return [
    ...newestOfFamilies(versioned, limit),
    ...[...named, ...rest].slice(0, limit),
  ];
}

function newestOfFamilies(tags: ParsedTag[], limit: number): string[] {
  const families = new Map<string, ParsedTag[]>();
  for (const tag of tags) {
    families.set(tag.family, [...(families.get(tag.family) ?? []), tag]);
  }
  const newestFirst = [...families.values()].map(family =>
    family.sort((a, b) => compareTags(b, a)),
  );
  const chosen: string[] = [];
  for (let rank = 0; chosen.length < Math.min(limit, tags.length); rank += 1) {
    for (const family of newestFirst) {
      if (family[rank] && chosen.length < limit) {
        chosen.push(family[rank].tag);
      }
    }
  }
  return chosen;
}
