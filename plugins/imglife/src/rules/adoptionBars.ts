import type {
  Adoption,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';

type Item = Adoption['items'][number];

/** What a bar stands for: a cycle of a base, or all that stands on none of ours. */
export interface AdoptionBar {
  id: string;
  /** one of ours has a name of its own, the others a text */
  kind: 'base' | 'unmanaged' | 'unknown' | 'scratch';
  base: string | null;
  cycle: string | null;
  applications: number;
  ok: number;
  warning: number;
  critical: number;
  unknown: number;
  ended: number;
  /** of the applications table that shows them */
  query: Pick<TierQuery, 'base' | 'product' | 'cycle' | 'freshness'>;
}

const OTHERS = [
  ['unmanaged', ['mirrors', 'upstream'], 'unmanaged'],
  ['unknown', ['unknown'], 'unknown'],
  ['scratch', ['scratch'], 'none'],
] as const;

/**
 * Applications by base and cycle, most first; then those on mirrors and other
 * images, on what nobody knows, and on nothing.
 */
export function adoptionBars(adoption: Pick<Adoption, 'items'>): AdoptionBar[] {
  const { items } = adoption;
  const bases = items
    .filter(item => item.tier === 'bases')
    .map(item => ({
      ...countsOf([item]),
      id: JSON.stringify([item.base, item.product, item.cycle]),
      kind: 'base' as const,
      base: item.base,
      cycle: item.cycle,
      query: applicationsQuery(item),
    }));
  const others = OTHERS.flatMap(([kind, tiers, freshness]) => {
    const own = items.filter(item =>
      (tiers as readonly string[]).includes(item.tier),
    );
    return own.length
      ? [
          {
            ...countsOf(own),
            id: kind,
            kind,
            base: null,
            cycle: null,
            query: { freshness },
          },
        ]
      : [];
  });
  return [...bases, ...others];
}

/**
 * Which applications stand on a cycle of a base. Its repository says it exactly;
 * a name would also find what the same product is called elsewhere.
 */
export function applicationsQuery(
  cycle: Pick<Item, 'repository' | 'base' | 'product' | 'cycle'>,
): Pick<TierQuery, 'base' | 'product' | 'cycle'> {
  return {
    base: cycle.repository ?? cycle.base ?? undefined,
    product: cycle.product ?? undefined,
    cycle: cycle.cycle ?? undefined,
  };
}

function countsOf(items: Item[]) {
  const sum = (
    count: 'applications' | 'ok' | 'warning' | 'critical' | 'unknown' | 'ended',
  ) => items.reduce((all, item) => all + item[count], 0);
  return {
    applications: sum('applications'),
    ok: sum('ok'),
    warning: sum('warning'),
    critical: sum('critical'),
    unknown: sum('unknown'),
    ended: sum('ended'),
  };
}
