import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ImglifeApi,
  Page,
} from '@imglife/backstage-plugin-imglife-common';
import useSWR from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { cacheKey } from './cacheKey';
import { REFRESH_MS } from './useTierTable';

/** One page of a list. */
export interface CursorPage<Row> {
  /** the page; an older one while the next is on its way or has failed */
  page: Page<Row> | undefined;
  /** the page does not answer the query: it is of the query before */
  isStale: boolean;
  error: Error | undefined;
  retry(): void;
}

/**
 * Reads a page of a list again while it is open, and keeps its rows when a read
 * fails.
 *
 * @param list - names it among all that is read
 * @param refreshMs - how often it is read again, judged by its rows
 */
export function useCursorPage<Query extends object, Row>(
  list: string,
  query: Query,
  read: (api: ImglifeApi, query: Query) => Promise<Page<Row>>,
  refreshMs: (rows: Row[]) => number = () => REFRESH_MS,
): CursorPage<Row> {
  const api = useApi(imglifeApiRef);
  const { data, error, isLoading, mutate } = useSWR<Page<Row>, Error>(
    [cacheKey(api), list, query],
    () => read(api, query),
    {
      keepPreviousData: true,
      refreshInterval: latest => refreshMs(latest?.items ?? []),
    },
  );
  return {
    page: data,
    isStale: isLoading && data !== undefined,
    error,
    retry: () => void mutate(),
  };
}
