import { useApi } from '@backstage/frontend-plugin-api';
import type { Run } from '@imglife/backstage-plugin-imglife-common';
import { useEffect, useState } from 'react';
import useSWR, { useSWRConfig } from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { isOpen } from '../rules/isOpen';
import { cacheKey } from './cacheKey';

const POLL_MS = 1_000;
/** of runs with so many images that a second is too often */
const LONG_POLL_MS = 5_000;
const MANY_ITEMS = 500;

/** A run that is looked at. */
export interface OpenRun {
  run: Run | undefined;
  error: Error | undefined;
  retry(): void;
  /** someone here asked it to stop, and it has not yet */
  isCancelling: boolean;
  cancelError: Error | undefined;
  cancel(): Promise<void>;
}

/**
 * Follows a run to its end; what the tables show is read again then, for the
 * run may have changed it.
 */
export function useOpenRun(id: string): OpenRun {
  const api = useApi(imglifeApiRef);
  const { mutate: mutateAll } = useSWRConfig();
  const [asked, setAsked] = useState(false);
  const [cancelError, setCancelError] = useState<Error>();
  const { data, error, mutate } = useSWR<Run, Error>(
    [cacheKey(api), 'run', id],
    () => api.getRun(id),
    {
      refreshInterval: latest => {
        if (!latest || !isOpen(latest)) {
          return 0;
        }
        return latest.items.length > MANY_ITEMS ? LONG_POLL_MS : POLL_MS;
      },
    },
  );
  const open = data && isOpen(data);
  const [wasOpen, setWasOpen] = useState(false);
  useEffect(() => {
    if (open) {
      setWasOpen(true);
    } else if (open === false && wasOpen) {
      setWasOpen(false);
      void mutateAll(
        key =>
          Array.isArray(key) && key[0] === cacheKey(api) && key[1] !== 'run',
      );
    }
  }, [open, wasOpen, mutateAll, api]);

  return {
    run: data,
    error,
    retry: () => void mutate(),
    isCancelling: asked && open === true,
    cancelError,
    cancel: async () => {
      setAsked(true);
      setCancelError(undefined);
      try {
        await api.cancelRun(id);
        await mutate();
      } catch (thrown) {
        setAsked(false);
        setCancelError(
          thrown instanceof Error ? thrown : new Error(String(thrown)),
        );
      }
    },
  };
}
