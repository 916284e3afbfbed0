import { useApi } from '@backstage/frontend-plugin-api';
import type { ImglifeApi } from '@imglife/backstage-plugin-imglife-common';
import type { ReactNode } from 'react';
import { type Cache, SWRConfig } from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';

const caches = new WeakMap<ImglifeApi, Cache>();

function cacheOf(api: ImglifeApi): Cache {
  const cache: Cache = caches.get(api) ?? new Map();
  caches.set(api, cache);
  return cache;
}

/**
 * What was read from the backend lately, shared by the pages, the card and the
 * buttons, and with nobody else: it lives as long as the client it came from.
 */
export function ImglifeCache(props: { children: ReactNode }) {
  const api = useApi(imglifeApiRef);
  return (
    <SWRConfig value={{ provider: () => cacheOf(api) }}>
      {props.children}
    </SWRConfig>
  );
}
