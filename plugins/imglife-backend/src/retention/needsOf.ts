import type { Tier } from '@imglife/backstage-plugin-imglife-common';
import type { StoredTag, Usage } from './RetentionStore';

/** What bases are to have and follow now, by `host/path:tag`. */
export interface PlannedBases {
  /** the tags that they are to have */
  wanted: ReadonlySet<string>;
  /** the tags of mirrors and bases that they are to be built on */
  followed: ReadonlySet<string>;
}

const CURRENT: Record<Tier, string> = {
  mirrors: 'is selected by its mirror',
  bases: 'is current',
  applications: 'is a current application',
};

/**
 * What needs a tag, in words: its own tier, the bases that follow it, and who
 * stands on it, by name or by any digest that it ever had.
 */
export function needsOf(
  tag: StoredTag,
  image: { tier: Tier; repository: string },
  { usage, planned }: { usage: Usage; planned: PlannedBases },
): string[] {
  const reference = `${image.repository}:${tag.tag}`;
  const byName = usage.references.get(reference) ?? [];
  const byDigest = tag.digests
    .flatMap(digest => usage.digests.get(digest) ?? [])
    .filter(user => !byName.includes(user));
  return [
    ...(tag.isCurrent ? [CURRENT[image.tier]] : []),
    ...(planned.wanted.has(reference)
      ? ['is what its base is to have now']
      : []),
    ...(planned.followed.has(reference) ? ['is followed by a base'] : []),
    ...usedWords('is used by', byName),
    ...usedWords('is used by its digest by', [...new Set(byDigest)]),
  ];
}

const NAMED = 3;

function usedWords(words: string, users: string[]): string[] {
  const more = users.length - NAMED;
  const named = users.slice(0, NAMED).join(', ');
  return users.length
    ? [`${words} ${named}${more > 0 ? ` and ${more} more` : ''}`]
    : [];
}
