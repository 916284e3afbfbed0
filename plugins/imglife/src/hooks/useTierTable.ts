import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ImglifeApi,
  OrderField,
  Page,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { useCallback, useMemo } from 'react';
import useSWR from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { type UrlState, useUrlState } from '../routing/useUrlState';
import { DEFAULT_PAGE_SIZE, FILTERS, tierQueryOf } from '../rules/tierQuery';
import { cacheKey } from './cacheKey';

/** How often an open table is read again, in milliseconds. */
export const REFRESH_MS = 15_000;

/** Name of a tier, as in its route. */
export type Tier = 'mirrors' | 'bases' | 'applications';

/** One page of a tier and what a table does with it. */
export interface TierTable<Row> {
  query: TierQuery;
  /** the page; an older one while the next is on its way or has failed */
  page: Page<Row> | undefined;
  /** the page does not answer the query: it is of the query before */
  isStale: boolean;
  error: Error | undefined;
  /** some filter or search narrows the table */
  isFiltered: boolean;
  retry(): void;
  setFilter(changes: UrlState): void;
  setSearch(text: string | undefined): void;
  setOrder(orderBy: OrderField, order: 'asc' | 'desc'): void;
  setPageSize(limit: number): void;
  goTo(cursor: string | undefined): void;
  clear(): void;
}

/**
 * A tier table whose filters, order and page live in the URL. It is read again
 * while it is open, stays on its page then, and keeps its rows when a read
 * fails.
 */
export function useTierTable<Row>(
  tier: Tier,
  read: (api: ImglifeApi, query: TierQuery) => Promise<Page<Row>>,
): TierTable<Row> {
  const api = useApi(imglifeApiRef);
  const [state, change] = useUrlState();
  const query = useMemo(() => tierQueryOf(state), [state]);
  const { data, error, isLoading, mutate } = useSWR<Page<Row>, Error>(
    [cacheKey(api), tier, query],
    () => read(api, query),
    { keepPreviousData: true, refreshInterval: REFRESH_MS },
  );
  // another filter or order is another list: a place in the old one is none in it
  const restart = useCallback(
    (changes: UrlState, options?: { replace?: boolean }) =>
      change({ ...changes, cursor: undefined }, options),
    [change],
  );
  return {
    query,
    page: data,
    isStale: isLoading && data !== undefined,
    error,
    isFiltered: [...FILTERS, 'search'].some(
      name => query[name as keyof TierQuery] !== undefined,
    ),
    retry: () => void mutate(),
    setFilter: restart,
    setSearch: text => restart({ search: text }, { replace: true }),
    setOrder: (orderBy, order) => restart({ orderBy, order }),
    setPageSize: limit =>
      restart({
        limit: limit === DEFAULT_PAGE_SIZE ? undefined : String(limit),
      }),
    goTo: cursor => change({ cursor }),
    clear: () =>
      restart(
        Object.fromEntries(
          [...FILTERS, 'search', 'all'].map(name => [name, undefined]),
        ),
      ),
  };
}
