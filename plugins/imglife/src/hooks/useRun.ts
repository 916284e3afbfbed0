import {
  toastApiRef,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import type { Run } from '@imglife/backstage-plugin-imglife-common';
import { useEffect, useState } from 'react';
import useSWR, { useSWRConfig } from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { imglifeTranslationRef } from '../translation';
import { cacheKey } from './cacheKey';

const POLL_MS = 1000;
const TOAST_MS = 6000;

/** A run that a button starts and waits for. */
export interface StartedRun {
  isRunning: boolean;
  start(): Promise<void>;
}

/**
 * Starts a run, follows it to its end and tells its outcome; every open table
 * is read again then.
 */
export function useRun(kind: 'sync' | 'build'): StartedRun {
  const api = useApi(imglifeApiRef);
  const toasts = useApi(toastApiRef);
  const { t } = useTranslationRef(imglifeTranslationRef);
  const { mutate } = useSWRConfig();
  const [id, setId] = useState<string>();
  const [isStarting, setStarting] = useState(false);
  const { data: run } = useSWR<Run>(
    id ? [cacheKey(api), 'run', id] : null,
    () => api.getRun(id!),
    { refreshInterval: POLL_MS },
  );

  useEffect(() => {
    if (!run || run.state === 'queued' || run.state === 'running') {
      return;
    }
    setId(undefined);
    const changed = run.items.filter(({ state }) => state === 'done').length;
    if (run.state === 'succeeded') {
      toasts.post({
        title: t(kind === 'sync' ? 'run.syncDone' : 'run.buildDone'),
        description: changed
          ? t('run.changed', { count: changed })
          : t('run.nothing'),
        status: 'success',
        timeout: TOAST_MS,
      });
    } else {
      toasts.post({
        title: t('run.failed'),
        description: run.error ?? undefined,
        status: 'danger',
      });
    }
    void mutate(key => Array.isArray(key) && key[0] === cacheKey(api));
  }, [run, api, kind, mutate, t, toasts]);

  return {
    isRunning: isStarting || id !== undefined,
    start: async () => {
      setStarting(true);
      try {
        setId((await api.startRun({ kind })).id);
        void mutate(
          key =>
            Array.isArray(key) && key[0] === cacheKey(api) && key[1] === 'runs',
        );
      } catch (error) {
        toasts.post({
          title: t('run.refused'),
          description: error instanceof Error ? error.message : String(error),
          status: 'danger',
        });
      } finally {
        setStarting(false);
      }
    },
  };
}
