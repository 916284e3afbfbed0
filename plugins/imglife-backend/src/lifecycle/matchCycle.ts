import type { Cycle } from './LifecycleService';

function codenameOf(cycle: Cycle): string | undefined {
  return cycle.codename?.split(/\s+/, 1)[0].toLowerCase();
}

/**
 * The cycle of a version: the longest name that equals it or is its dotted
 * prefix, so that `3.21.3` is of `3.21` and `1.21` never of `1.2`; else the
 * cycle whose codename's first word it is, in any case (domain, End of life).
 *
 * @param cycles - of one product
 * @param version - a version without `v`, or a codename
 */
export function matchCycle(
  cycles: readonly Cycle[],
  version: string,
): Cycle | undefined {
  let longest: Cycle | undefined;
  for (const cycle of cycles) {
    const fits = version === cycle.name || version.startsWith(`${cycle.name}.`);
    if (fits && cycle.name.length > (longest?.name.length ?? 0)) {
      longest = cycle;
    }
  }
  const word = version.toLowerCase();
  return longest ?? cycles.find(cycle => codenameOf(cycle) === word);
}
