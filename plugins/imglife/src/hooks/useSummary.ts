import { useApi } from '@backstage/frontend-plugin-api';
import type { Summary } from '@imglife/backstage-plugin-imglife-common';
import useSWR from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { REFRESH_MS } from './useTierTable';
import { cacheKey } from './cacheKey';

/** Counts per tier and status; undefined until they are read. */
export function useSummary(): Summary | undefined {
  const api = useApi(imglifeApiRef);
  const { data } = useSWR([cacheKey(api), 'summary'], () => api.getSummary(), {
    refreshInterval: REFRESH_MS,
  });
  return data;
}
