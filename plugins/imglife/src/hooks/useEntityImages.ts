import { parseEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import type { EntityImages } from '@imglife/backstage-plugin-imglife-common';
import useSWR from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { cacheKey } from './cacheKey';

const REFRESH_MS = 60_000;

/** The images of an entity, worst first; read once for all that show them. */
export function useEntityImages(entityRef: string): {
  images: EntityImages | undefined;
  error: Error | undefined;
  retry(): void;
} {
  const api = useApi(imglifeApiRef);
  const { data, error, mutate } = useSWR<EntityImages, Error>(
    [cacheKey(api), 'entity', entityRef],
    () => api.getEntityImages(parseEntityRef(entityRef)),
    { refreshInterval: REFRESH_MS },
  );
  return { images: data, error, retry: () => void mutate() };
}
