import type {
  Adoption,
  BaseRow,
} from '@imglife/backstage-plugin-imglife-common';

/** A cycle of a base, when it ends, and how many applications that affects. */
export interface BaseCycle {
  id: string;
  /** name of the base */
  base: string;
  /** `host/path`; null where its applications name several */
  repository: string | null;
  product: string | null;
  cycle: string | null;
  /** `YYYY-MM-DD`, the first of its images */
  eolDate: string;
  /** the policy warns of its end already */
  ending: boolean;
  applications: number;
}

type Judged = Pick<BaseCycle, 'product' | 'cycle' | 'repository' | 'ending'> & {
  base: string | null;
  eolDate: string | null;
};

/**
 * The cycles of bases that end, first to end first: those that applications
 * stand on, also where the base is retired, and those that nobody uses yet.
 */
export function baseCycles(
  adoption: Pick<Adoption, 'items'>,
  bases: BaseRow[],
): BaseCycle[] {
  const cycles = new Map<string, BaseCycle>();
  const add = (judged: Judged, applications: number) => {
    const { base, repository, product, cycle, eolDate, ending } = judged;
    if (base === null || eolDate === null) {
      return;
    }
    const id = JSON.stringify([base, product, cycle]);
    const known = cycles.get(id);
    cycles.set(id, {
      id,
      base,
      repository: known ? known.repository : repository,
      product,
      cycle,
      eolDate: known && known.eolDate < eolDate ? known.eolDate : eolDate,
      ending: ending || (known?.ending ?? false),
      applications: (known?.applications ?? 0) + applications,
    });
  };
  adoption.items
    .filter(item => item.tier === 'bases')
    .forEach(item =>
      add({ ...item, ending: item.ending > 0 }, item.applications),
    );
  bases.forEach(row =>
    add({ ...row, base: row.name, ending: row.support === 'ending' }, 0),
  );
  return [...cycles.values()].sort(
    (a, b) =>
      compare(a.eolDate, b.eolDate) ||
      b.applications - a.applications ||
      compare(a.id, b.id),
  );
}

/** What a cycle of a base is called. */
export function cycleName(cycle: Pick<BaseCycle, 'base' | 'cycle'>): string {
  return [cycle.base, cycle.cycle].filter(Boolean).join(' ');
}

function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
