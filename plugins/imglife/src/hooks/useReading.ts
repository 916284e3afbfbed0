import { useApi } from '@backstage/frontend-plugin-api';
import type { ImglifeApi } from '@imglife/backstage-plugin-imglife-common';
import useSWR from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { cacheKey } from './cacheKey';
import { REFRESH_MS } from './useTierTable';

/** What was read, and how it went. */
export interface Reading<T> {
  /** the last that was read, also while a later read fails */
  value: T | undefined;
  error: Error | undefined;
  retry(): void;
}

/**
 * Reads something and reads it again while it is on screen.
 *
 * @param key - names it among all that is read; undefined = not now
 * @param refreshMs - how often, in milliseconds
 */
export function useReading<T>(
  key: readonly unknown[] | undefined,
  read: (api: ImglifeApi) => Promise<T>,
  refreshMs: number = REFRESH_MS,
): Reading<T> {
  const api = useApi(imglifeApiRef);
  const { data, error, mutate } = useSWR<T, Error>(
    key && [cacheKey(api), ...key],
    () => read(api),
    { refreshInterval: refreshMs },
  );
  return { value: data, error, retry: () => void mutate() };
}
