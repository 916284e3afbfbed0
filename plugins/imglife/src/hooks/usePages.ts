import { useApi } from '@backstage/frontend-plugin-api';
import type { ImglifeApi } from '@imglife/backstage-plugin-imglife-common';
import { useState } from 'react';
import useSWR from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { cacheKey } from './cacheKey';

/** A list that is read page by page, outside the URL. */
export interface Pages<Answer> {
  /** the page; the one before while the next is on its way */
  answer: Answer | undefined;
  error: Error | undefined;
  isFirst: boolean;
  retry(): void;
  next(cursor: string | undefined): void;
  previous(): void;
}

/**
 * Pages of a list by cursor. The way back is remembered here, since not every
 * list knows the page before.
 *
 * @param key - what tells this list from others
 */
export function usePages<Answer>(
  key: string[],
  read: (api: ImglifeApi, cursor: string | undefined) => Promise<Answer>,
): Pages<Answer> {
  const api = useApi(imglifeApiRef);
  const name = JSON.stringify(key);
  const [place, setPlace] = useState<{ of: string; way: string[] }>();
  // another list begins with its first page
  const way = place?.of === name ? place.way : [];
  const cursor = way.at(-1);
  const { data, error, mutate } = useSWR<Answer, Error>(
    [cacheKey(api), ...key, cursor],
    () => read(api, cursor),
    { keepPreviousData: way.length > 0 || place?.of === name },
  );
  return {
    answer: data,
    error,
    isFirst: way.length === 0,
    retry: () => void mutate(),
    next: to => to && setPlace({ of: name, way: [...way, to] }),
    previous: () => setPlace({ of: name, way: way.slice(0, -1) }),
  };
}
