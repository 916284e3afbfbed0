import { parseTag } from '@imglife/backstage-plugin-imglife-common';
import type { Definitions } from '../definitions/Definitions';

const DAY_MS = 86_400_000;

/** A registered tag of one repository. */
export interface RegisteredTag {
  id: number;
  tag: string;
  /** ISO 8601 UTC */
  builtAt: string | null;
  registeredAt: string;
}

/**
 * The tags of one repository that are current: per line the newest by build,
 * unless that is older than `maxAgeDays` (domain, Applications: Current).
 *
 * @param tags - every registered tag of the repository
 */
export function currentApplications(
  tags: RegisteredTag[],
  rule: Definitions['applications']['current'],
  now: Date,
): Set<number> {
  const newest = new Map<string, RegisteredTag>();
  for (const tag of tags) {
    const line = lineOf(tag.tag, rule.per);
    const other = newest.get(line);
    if (!other || isNewer(tag, other)) {
      newest.set(line, tag);
    }
  }
  const oldest = new Date(
    now.getTime() - rule.maxAgeDays * DAY_MS,
  ).toISOString();
  return new Set(
    [...newest.values()]
      .filter(tag => builtAtOf(tag) >= oldest)
      .map(tag => tag.id),
  );
}

function builtAtOf(tag: RegisteredTag): string {
  return tag.builtAt ?? tag.registeredAt;
}

function isNewer(a: RegisteredTag, b: RegisteredTag): boolean {
  const left = builtAtOf(a);
  const right = builtAtOf(b);
  return left === right
    ? a.registeredAt > b.registeredAt ||
        (a.registeredAt === b.registeredAt && a.id > b.id)
    : left > right;
}

/** What a tag competes within; of a tag without a version it is its branch. */
function lineOf(
  tag: string,
  per: Definitions['applications']['current']['per'],
): string {
  if (per === 'repository') {
    return '';
  }
  if (per === 'tag') {
    return tag;
  }
  const { version, codename, parts } = parseTag(tag);
  // parseTag reads main-20260401 as it does jammy-20240227
  if (version === undefined || codename !== undefined) {
    return `branch ${branchOf(tag)}`;
  }
  return per === 'major' ? `version ${parts[0]}` : 'version';
}

/** `main` of `main-3f2a91c`, `main-412-3f2a91c`, `main-20260401`. */
function branchOf(tag: string): string {
  const shorter = tag.replace(/(?:^|[-_.])(?:[0-9a-f]{7,40}|\d+)$/, '');
  return shorter === tag ? tag : branchOf(shorter);
}
