import {
  compareTags,
  type HistoryEntry,
  parseTag,
} from '@imglife/backstage-plugin-imglife-common';
import { tagOf, untagged } from './imageName';

/** A base that an image stood on; one lane of the line, the newest above. */
export interface DriftLane {
  /** null: no base was known */
  base: string | null;
  /** what the image would stand on if it were built now */
  isNewest: boolean;
}

/** A time on one base. Places are 0 (first build) to 1 (now). */
export interface DriftStep {
  lane: number;
  from: number;
  to: number;
}

/** One build. */
export interface DriftPoint {
  lane: number;
  at: number;
  entry: HistoryEntry;
}

/** The bases of a repository over time, as a line between lanes. */
export interface DriftLine {
  lanes: DriftLane[];
  steps: DriftStep[];
  points: DriftPoint[];
}

/**
 * What a repository's images stood on, build by build, up to now: a line that
 * stays in its lane while newer bases are above it has drifted.
 *
 * @param entries - registrations of one repository, newest first
 * @param newest - the base that is the newest for it now
 */
export function driftLine(
  entries: HistoryEntry[],
  newest: string | null,
  now: Date,
): DriftLine {
  const builds = [...entries].reverse();
  const bases = lanesOf(builds, newest);
  const start = Date.parse(builds[0]?.at ?? now.toISOString());
  const span = Math.max(now.getTime() - start, 1);
  const placeOf = (at: string) =>
    Math.min(Math.max((Date.parse(at) - start) / span, 0), 1);
  const points = builds.map(entry => ({
    lane: bases.indexOf(entry.base),
    at: placeOf(entry.at),
    entry,
  }));
  const steps: DriftStep[] = [];
  for (const { lane, at } of points) {
    const last = steps.at(-1);
    if (last?.lane !== lane) {
      if (last) {
        last.to = at;
      }
      steps.push({ lane, from: at, to: 1 });
    }
  }
  return {
    lanes: bases.map(base => ({
      base,
      isNewest: base !== null && base === newest,
    })),
    steps,
    points,
  };
}

/** The bases from top to bottom: newest first, and none below all. */
function lanesOf(
  builds: HistoryEntry[],
  newest: string | null,
): Array<string | null> {
  const bases = new Set(builds.map(({ base }) => base));
  if (newest !== null) {
    bases.add(newest);
  }
  // another repository was changed to at some time: the later, the higher
  const repositories = [...bases].map(repositoryOf);
  return [...bases].sort(
    (a, b) =>
      Number(a === null) - Number(b === null) ||
      repositories.lastIndexOf(repositoryOf(b)) -
        repositories.lastIndexOf(repositoryOf(a)) ||
      compareTags(parseTag(tagOf(b ?? '')), parseTag(tagOf(a ?? ''))),
  );
}

function repositoryOf(base: string | null): string {
  return base === null ? '' : untagged(base);
}
