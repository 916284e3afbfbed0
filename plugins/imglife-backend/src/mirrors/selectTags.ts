import {
  compareNumbers,
  compareTags,
  ParsedTag,
  parseTag,
} from '@imglife/backstage-plugin-imglife-common';
import type { TagSelection } from '../definitions/Definitions';
import { tagPattern } from './tagPattern';

/** What is known of the end of life of an upstream's cycles. */
export interface SelectionLifecycle {
  cycleOf(tag: string): string | undefined;
  /** supported, or ended so short ago that it is still mirrored */
  isMirrored(cycle: string): boolean;
  /** newest first */
  cycles: string[];
}

/** Whether a tag is mirrored, and why. */
export interface TagChoice {
  tag: string;
  selected: boolean;
  reason: string;
}

interface Candidate {
  parsed: ParsedTag;
  cycle?: string;
}

/**
 * Chooses the tags that a mirror takes: those named, added to those that pass
 * pattern, prerelease rule, cycles and `keepLast`. Tags without a version are
 * taken only when named.
 *
 * @param lifecycle - undefined where no lifecycle is known: then cycles are not
 *   looked at, and slots are counted per family
 */
export function selectTags(options: {
  tags: string[];
  selection: TagSelection;
  lifecycle?: SelectionLifecycle;
}): TagChoice[] {
  const { tags, selection, lifecycle } = options;
  const choices = new Map<string, TagChoice>();
  const reject = (tag: string, reason: string) =>
    choices.set(tag, { tag, selected: false, reason });
  const names = new Set(selection.names);
  const onlyNames =
    selection.regex === undefined && selection.keepLast === undefined;
  const pattern =
    selection.regex === undefined ? undefined : tagPattern(selection.regex);

  const candidates: Candidate[] = [];
  for (const tag of tags) {
    const parsed = parseTag(tag);
    if (names.has(tag)) {
      choices.set(tag, { tag, selected: true, reason: 'named' });
    } else if (onlyNames && names.size > 0) {
      reject(tag, 'not named');
    } else if (parsed.version === undefined) {
      reject(tag, 'has no version and is not named');
    } else if (pattern && !pattern.matches(tag)) {
      reject(tag, 'does not match the pattern');
    } else if (parsed.prerelease) {
      reject(tag, 'is a prerelease');
    } else {
      candidates.push({ parsed, cycle: lifecycle?.cycleOf(tag) });
    }
  }
  const wanted = filterCycles(candidates, selection, lifecycle, reject);
  for (const { tag, selected, reason } of keepLast(
    wanted,
    selection,
    lifecycle !== undefined,
  )) {
    choices.set(tag, { tag, selected, reason });
  }
  return tags.map(tag => choices.get(tag)!);
}

function filterCycles(
  candidates: Candidate[],
  selection: TagSelection,
  lifecycle: SelectionLifecycle | undefined,
  reject: (tag: string, reason: string) => void,
): Candidate[] {
  if (!lifecycle || selection.cycles === 'all') {
    return candidates;
  }
  const present = new Set(candidates.map(({ cycle }) => cycle));
  const newest =
    typeof selection.cycles === 'number'
      ? new Set(
          lifecycle.cycles
            .filter(cycle => present.has(cycle))
            .slice(0, selection.cycles),
        )
      : undefined;
  return candidates.filter(({ parsed, cycle }) => {
    // what no cycle is known of cannot be said to have ended
    const taken =
      cycle === undefined ||
      (newest ? newest.has(cycle) : lifecycle.isMirrored(cycle));
    if (!taken) {
      reject(
        parsed.tag,
        newest
          ? `cycle ${cycle} is not among the ${selection.cycles} newest`
          : `cycle ${cycle} has reached its end of life`,
      );
    }
    return taken;
  });
}

function keepLast(
  candidates: Candidate[],
  selection: TagSelection,
  lifecycleKnown: boolean,
): TagChoice[] {
  const limit = selection.keepLast;
  if (limit === undefined) {
    return candidates.map(({ parsed }) => ({
      tag: parsed.tag,
      selected: true,
      reason: 'matches',
    }));
  }
  const per = selection.per ?? (lifecycleKnown ? 'cycle' : 'family');
  const groups = new Map<string, ParsedTag[]>();
  for (const { parsed, cycle } of candidates) {
    const key = groupKey(per, parsed, cycle);
    groups.set(key, [...(groups.get(key) ?? []), parsed]);
  }
  return [...groups.values()].flatMap(group => keepNewest(group, limit, per));
}

function groupKey(
  per: 'cycle' | 'family' | 'repository',
  parsed: ParsedTag,
  cycle: string | undefined,
): string {
  switch (per) {
    case 'cycle':
      return JSON.stringify([parsed.family, cycle ?? null]);
    case 'family':
      return parsed.family;
    default:
      return '';
  }
}

// Slots count versions; of a version in a family only the newest suffix
// version is kept, so that alpine3.20 and alpine3.21 do not use up two.
function keepNewest(
  group: ParsedTag[],
  limit: number,
  per: string,
): TagChoice[] {
  const newestFirst = [...group].sort((a, b) => compareTags(b, a));
  const versions: ParsedTag[] = [];
  const families = new Map<ParsedTag, Set<string>>();
  return newestFirst.map(parsed => {
    let version = versions.find(other => isSameVersion(other, parsed));
    if (!version) {
      version = parsed;
      versions.push(parsed);
      families.set(parsed, new Set());
    }
    const place = versions.indexOf(version) + 1;
    const { tag } = parsed;
    if (place > limit) {
      return {
        tag,
        selected: false,
        reason: `is not among the ${limit} newest of its ${per}`,
      };
    }
    if (families.get(version)!.has(parsed.family)) {
      return {
        tag,
        selected: false,
        reason: 'a newer suffix of the same version is kept',
      };
    }
    families.get(version)!.add(parsed.family);
    return { tag, selected: true, reason: `number ${place} of its ${per}` };
  });
}

function isSameVersion(a: ParsedTag, b: ParsedTag): boolean {
  return (
    compareNumbers(a.parts, b.parts) === 0 &&
    compareNumbers(a.build, b.build) === 0 &&
    a.codename === b.codename
  );
}
