import type { ApplicationRow } from '@imglife/backstage-plugin-imglife-common';

/**
 * The base an application should be built on next: the newest of its own cycle
 * while that is supported, else the newest of all. Undefined when nothing is to
 * be changed.
 */
export function recommendedBase(
  row: Pick<ApplicationRow, 'latest' | 'latestInCycle' | 'support' | 'base'>,
): string | undefined {
  const cycleEnds = row.support === 'ended' || row.support === 'ending';
  const candidate =
    (cycleEnds ? row.latest : row.latestInCycle ?? row.latest) ?? undefined;
  return candidate === row.base?.reference ? undefined : candidate;
}
