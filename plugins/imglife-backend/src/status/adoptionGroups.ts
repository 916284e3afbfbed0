import type {
  Adoption,
  Status,
  Support,
} from '@imglife/backstage-plugin-imglife-common';
import { splitReference } from './taggedReference';

/** One base and cycle with how many applications stand on it. */
type Group = Adoption['items'][number];

/** What adoption is counted by. */
export type AdoptionGroup = Pick<Group, 'tier' | 'base' | 'product' | 'cycle'>;

/** One verdict with what it is about and how many applications share it. */
export interface SharedVerdict {
  reference: string;
  tier: string;
  name: string | null;
  product: string | null;
  cycle: string | null;
  os_product: string | null;
  os_cycle: string | null;
  status: Status;
  support: Support;
  eol_date: string | null;
  count: number | string;
  /** the one application whose row shows another, and which */
  beside?: { application: number; shown?: AdoptionGroup };
}

/** The verdict on one platform of an application. */
export type PlatformVerdict = Omit<SharedVerdict, 'count'> & {
  application: number;
  shown: number;
};

/** Every group but the shown one that an application belongs to, once each. */
export function besideShown(platforms: PlatformVerdict[]): SharedVerdict[] {
  const groupOf = (row: PlatformVerdict) =>
    `${row.application} ${JSON.stringify(keyOf(row))}`;
  const isShown = platforms.filter(row => Number(row.shown));
  const shown = new Map(isShown.map(row => [row.application, keyOf(row)]));
  const counted = new Set(isShown.map(groupOf));
  return platforms.flatMap(row => {
    const group = groupOf(row);
    if (counted.has(group)) {
      return [];
    }
    counted.add(group);
    const { application } = row;
    const beside = { application, shown: shown.get(application) };
    return [{ ...row, count: 1, beside }];
  });
}

/** How many applications these are: one that stands on several counts once. */
export function countOnce(
  rows: SharedVerdict[],
  isAsked: (group: AdoptionGroup) => boolean,
): number {
  const asked = rows.filter(row => isAsked(keyOf(row)));
  const beside = asked.flatMap(row =>
    row.beside && !(row.beside.shown && isAsked(row.beside.shown))
      ? row.beside.application
      : [],
  );
  return asked
    .filter(row => !row.beside)
    .reduce((sum, row) => sum + Number(row.count), new Set(beside).size);
}

/** Most applications first. */
export function grouped(rows: SharedVerdict[]): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const key = keyOf(row);
    const id = JSON.stringify(key);
    const group = groups.get(id) ?? {
      ...key,
      applications: 0,
      ok: 0,
      warning: 0,
      critical: 0,
      unknown: 0,
      repository: repositoryNamed(row),
      eolDate: row.eol_date,
      ended: 0,
      ending: 0,
    };
    group.applications += Number(row.count);
    group[row.status] += Number(row.count);
    if (row.support === 'ended' || row.support === 'ending') {
      group[row.support] += Number(row.count);
    }
    if (group.repository !== repositoryNamed(row)) {
      group.repository = null;
    }
    if (row.eol_date && !(group.eolDate && group.eolDate <= row.eol_date)) {
      group.eolDate = row.eol_date;
    }
    groups.set(id, group);
  }
  return [...groups.entries()]
    .sort(
      ([a, one], [b, other]) =>
        other.applications - one.applications || (a < b ? -1 : 1),
    )
    .map(([, group]) => group);
}

function keyOf(row: Omit<SharedVerdict, 'count'>): AdoptionGroup {
  const cycles = row.product
    ? { product: row.product, cycle: row.cycle }
    : { product: row.os_product, cycle: row.os_cycle };
  if (row.tier === 'none') {
    return { tier: 'scratch', base: null, ...cycles };
  }
  if (row.reference === '?') {
    return { tier: 'unknown', base: null, ...cycles };
  }
  const tier =
    row.tier === 'bases' || row.tier === 'mirrors' ? row.tier : 'upstream';
  return {
    tier,
    base: row.name ?? splitReference(row.reference)[0],
    ...cycles,
  };
}

/** The repository a use names; scratch, and what nobody knows, name none. */
function repositoryNamed(row: Omit<SharedVerdict, 'count'>): string | null {
  return row.tier === 'none' || row.reference === '?'
    ? null
    : splitReference(row.reference)[0];
}
