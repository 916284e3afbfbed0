import { useApi } from '@backstage/frontend-plugin-api';
import type { Tier } from '@imglife/backstage-plugin-imglife-common';
import useSWR from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { type ImageRow, readImageRow } from '../image/imageRows';
import { cacheKey } from './cacheKey';
import { REFRESH_MS } from './useTierTable';

/** One image; `image` is undefined while it is read, null where there is none. */
export function useImageRow(
  tier: Tier,
  reference: string,
): {
  image: ImageRow | null | undefined;
  error: Error | undefined;
  retry(): void;
} {
  const api = useApi(imglifeApiRef);
  const { data, error, mutate } = useSWR<ImageRow | null, Error>(
    [cacheKey(api), 'image', tier, reference],
    async () => (await readImageRow(api, tier, reference)) ?? null,
    { refreshInterval: REFRESH_MS },
  );
  return { image: data, error, retry: () => void mutate() };
}
