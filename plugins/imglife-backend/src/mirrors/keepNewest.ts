import {
  compareTags,
  numbersKey,
  ParsedTag,
  prereleaseRank,
} from '@imglife/backstage-plugin-imglife-common';
import type { TagSelection } from '../definitions/Definitions';
import type { Candidate, TagChoice } from './selectTags';

type Per = NonNullable<TagSelection['per']>;

/**
 * Applies `keepLast` and `per`. Each candidate is looked at once after its
 * group was sorted, so that ten thousand tags cost little.
 *
 * @param lifecycleKnown - slots are then counted per cycle, unless `per` says
 */
export function keepNewest(
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
    const group = groups.get(key);
    if (group) {
      group.push(parsed);
    } else {
      groups.set(key, [parsed]);
    }
  }
  return [...groups.values()].flatMap(group => fillSlots(group, limit, per));
}

function groupKey(
  per: Per,
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
function fillSlots(group: ParsedTag[], limit: number, per: Per): TagChoice[] {
  const newestFirst = [...group].sort((a, b) => compareTags(b, a));
  const places = new Map<string, number>();
  const taken = new Set<string>();
  return newestFirst.map(parsed => {
    const version = versionOf(parsed);
    const place = places.get(version) ?? places.size + 1;
    places.set(version, place);
    const { tag } = parsed;
    if (place > limit) {
      const reason = `is not among the ${limit} newest of its ${per}`;
      return { tag, selected: false, reason };
    }
    const slot = `${place} ${parsed.family}`;
    if (taken.has(slot)) {
      const reason = 'a newer suffix of the same version is kept';
      return { tag, selected: false, reason };
    }
    taken.add(slot);
    return { tag, selected: true, reason: `number ${place} of its ${per}` };
  });
}

function versionOf({ parts, build, prerelease, codename }: ParsedTag): string {
  return JSON.stringify([
    numbersKey(parts),
    numbersKey(build),
    prereleaseRank(prerelease),
    prerelease?.number ?? 0,
    codename ?? '',
  ]);
}
