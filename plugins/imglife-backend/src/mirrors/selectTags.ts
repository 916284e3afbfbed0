import { ParsedTag, parseTag } from '@imglife/backstage-plugin-imglife-common';
import type { TagSelection } from '../definitions/Definitions';
import { keepNewest } from './keepNewest';
import { inRange } from './semverRange';
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

/** A tag that may be taken, and the cycle it is of. */
export interface Candidate {
  parsed: ParsedTag;
  cycle?: string;
}

/** What {@link selectTags} chooses from and by. */
export interface SelectionInput {
  tags: string[];
  selection: TagSelection;
  /**
   * undefined where no lifecycle is known: then cycles are not looked at, and
   * slots are counted per family
   */
  lifecycle?: SelectionLifecycle;
  /** for `minAge`: since when a tag is there, ISO 8601 UTC, and now */
  ages?: { since: ReadonlyMap<string, string>; now: Date };
}

type Reject = (tag: string, reason: string) => void;

/**
 * Chooses the tags that a mirror takes: those named, added to those that pass
 * patterns, range, prerelease rule, cycles, age and `keepLast`. Tags without a
 * version are taken only when named.
 */
export function selectTags(input: SelectionInput): TagChoice[] {
  const { tags, selection, lifecycle } = input;
  const choices = new Map<string, TagChoice>();
  const names = new Set(selection.names);
  const reject: Reject = (tag, reason) =>
    choices.set(tag, { tag, selected: false, reason });
  for (const tag of tags.filter(each => names.has(each))) {
    choices.set(tag, { tag, selected: true, reason: 'named' });
  }
  const candidates = filterTags(
    tags.filter(tag => !names.has(tag)),
    input,
    reject,
  );
  const living = filterCycles(candidates, selection, lifecycle, reject);
  const old = filterAge(living, input, reject);
  for (const choice of keepNewest(old, selection, lifecycle !== undefined)) {
    choices.set(choice.tag, choice);
  }
  return tags.map(tag => choices.get(tag)!);
}

/** What `minAge` has to know the age of: what all rules before it let pass. */
export function tagsToAge(input: SelectionInput): string[] {
  const { tags, selection, lifecycle } = input;
  const names = new Set(selection.names);
  const ignore: Reject = () => {};
  const candidates = filterTags(
    tags.filter(tag => !names.has(tag)),
    input,
    ignore,
  );
  return filterCycles(candidates, selection, lifecycle, ignore).map(
    ({ parsed }) => parsed.tag,
  );
}

function filterTags(
  tags: string[],
  { selection, lifecycle }: SelectionInput,
  reject: Reject,
): Candidate[] {
  const onlyNames =
    selection.names.length > 0 &&
    selection.regex === undefined &&
    selection.semver === undefined &&
    selection.keepLast === undefined;
  const pattern =
    selection.regex === undefined ? undefined : tagPattern(selection.regex);
  const excluded = (selection.exclude ?? []).map(tagPattern);
  const faultOf = (parsed: ParsedTag): string | undefined => {
    if (onlyNames) {
      return 'not named';
    }
    if (parsed.version === undefined) {
      return 'has no version and is not named';
    }
    if (pattern && !pattern.matches(parsed.tag)) {
      return 'does not match the pattern';
    }
    if (excluded.some(other => other.matches(parsed.tag))) {
      return 'is excluded';
    }
    if (parsed.prerelease && !selection.prereleases) {
      return 'is a prerelease';
    }
    return selection.semver !== undefined && !inRange(parsed, selection.semver)
      ? `is not in the range ${selection.semver}`
      : undefined;
  };
  return tags.flatMap(tag => {
    const parsed = parseTag(tag);
    const fault = faultOf(parsed);
    if (fault !== undefined) {
      reject(tag, fault);
      return [];
    }
    return [{ parsed, cycle: lifecycle?.cycleOf(tag) }];
  });
}

function filterCycles(
  candidates: Candidate[],
  selection: TagSelection,
  lifecycle: SelectionLifecycle | undefined,
  reject: Reject,
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
  const mirrored = new Map(
    [...present].map(cycle => [
      cycle,
      // what no cycle is known of cannot be said to have ended
      cycle === undefined ||
        (newest ? newest.has(cycle) : lifecycle.isMirrored(cycle)),
    ]),
  );
  return candidates.filter(({ parsed, cycle }) => {
    const taken = mirrored.get(cycle)!;
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

function filterAge(
  candidates: Candidate[],
  { selection, ages }: SelectionInput,
  reject: Reject,
): Candidate[] {
  const { minAgeMs } = selection;
  if (minAgeMs === undefined || !ages) {
    return candidates;
  }
  const before = ages.now.getTime() - minAgeMs;
  return candidates.filter(({ parsed: { tag } }) => {
    const since = ages.since.get(tag);
    const taken = since !== undefined && Date.parse(since) <= before;
    if (!taken) {
      reject(tag, `is younger than its minimum age, ${minAgeMs / 1000} s`);
    }
    return taken;
  });
}
