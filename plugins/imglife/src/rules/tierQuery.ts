import {
  type TierQuery,
  tierQuerySchema,
} from '@imglife/backstage-plugin-imglife-common';
import type { UrlState } from '../routing/useUrlState';

/** Rows of a page where the URL names no other number. */
export const DEFAULT_PAGE_SIZE = 20;

/** Filters of a tier table that the URL may hold, shown one by one. */
export const FILTERS = [
  'status',
  'freshness',
  'support',
  'product',
  'cycle',
  'owner',
  'entityRef',
  'base',
  'project',
  'state',
  'used',
  'owned',
] as const;

/** A filter of a tier table. */
export type Filter = (typeof FILTERS)[number];

/** What `true` and `false` in a URL stand for; all else is none. */
export function booleanOf(text: string | undefined): boolean | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}

/**
 * The query a URL stands for. What the URL holds wrongly (a link typed by hand,
 * or of another release) is left out rather than failing the page.
 */
export function tierQueryOf(state: UrlState): TierQuery {
  const raw: Record<string, unknown> = {
    ...Object.fromEntries(FILTERS.map(name => [name, state[name]])),
    search: state.search,
    orderBy: state.orderBy,
    order: state.order,
    cursor: state.cursor,
    all: state.all === 'true' ? true : undefined,
    used: booleanOf(state.used),
    owned: booleanOf(state.owned),
    limit: state.limit ? Number(state.limit) : DEFAULT_PAGE_SIZE,
  };
  const shape = tierQuerySchema.shape;
  const valid = Object.entries(raw).filter(
    ([name, value]) =>
      value !== undefined &&
      shape[name as keyof typeof shape].safeParse(value).success,
  );
  const query: TierQuery = Object.fromEntries(valid);
  return { ...query, limit: query.limit ?? DEFAULT_PAGE_SIZE };
}
