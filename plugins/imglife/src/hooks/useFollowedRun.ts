import { useApi } from '@backstage/frontend-plugin-api';
import type { ImglifeApi, Run } from '@imglife/backstage-plugin-imglife-common';
import { useCallback, useEffect, useRef, useState } from 'react';
import useSWR, { useSWRConfig } from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { cacheKey } from './cacheKey';

const POLL_MS = 1000;

/** A run that is started and watched to its end. */
export interface FollowedRun {
  /** as it was read last; undefined before it is started */
  run: Run | undefined;
  /** it was begun, whether or not it can be read now */
  isStarted: boolean;
  /** it is asked for, waits or works */
  isOpen: boolean;
  /** why it could not be started or read */
  error: Error | undefined;
  start(begin: (api: ImglifeApi) => Promise<{ id: string }>): Promise<void>;
}

/** Starts a run and follows it; what is shown is read again at its end. */
export function useFollowedRun(): FollowedRun {
  const api = useApi(imglifeApiRef);
  const { mutate } = useSWRConfig();
  const [id, setId] = useState<string>();
  const [isStarting, setStarting] = useState(false);
  const [refusal, setRefusal] = useState<Error>();
  const { data: run, error } = useSWR<Run, Error>(
    id ? [cacheKey(api), 'run', id] : null,
    () => api.getRun(id!),
    { refreshInterval: latest => (hasEnded(latest) ? 0 : POLL_MS) },
  );
  const ended = useRef<string>();
  useEffect(() => {
    if (run && hasEnded(run) && ended.current !== run.id) {
      ended.current = run.id;
      if (!run.dryRun) {
        void mutate(key => Array.isArray(key) && key[0] === cacheKey(api));
      }
    }
  }, [run, api, mutate]);
  const start = useCallback(
    async (begin: (of: ImglifeApi) => Promise<{ id: string }>) => {
      setStarting(true);
      setRefusal(undefined);
      setId(undefined);
      try {
        setId((await begin(api)).id);
      } catch (reason) {
        setRefusal(
          reason instanceof Error ? reason : new Error(String(reason)),
        );
      } finally {
        setStarting(false);
      }
    },
    [api],
  );
  return {
    run,
    isStarted: id !== undefined,
    isOpen: isStarting || (id !== undefined && !hasEnded(run) && !error),
    error: refusal ?? error,
    start,
  };
}

function hasEnded(run: Run | undefined): boolean {
  return run !== undefined && run.state !== 'queued' && run.state !== 'running';
}
