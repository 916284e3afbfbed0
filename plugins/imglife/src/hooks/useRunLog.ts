import { useApi } from '@backstage/frontend-plugin-api';
import { useCallback, useEffect, useState } from 'react';
import { imglifeApiRef } from '../api/imglifeApiRef';

/** Lines are shown together: a fast run writes more than a screen can. */
const SHOW_MS = 200;
const RETRY_MS = 3_000;
const MOST_RETRIES = 5;

/** The log of a run as it is written. */
export interface RunLog {
  lines: string[];
  /** the log is read to its end */
  isWhole: boolean;
  /** the connection was lost and is made again */
  isRetrying: boolean;
  /** it broke off, and is not tried again by itself */
  error: Error | undefined;
  retry(): void;
}

/**
 * Follows a run's log until the run has ended. A proxy may cut a quiet
 * connection, so that one that breaks is made again; the log then comes anew
 * from its start, and what is shown stays until it has caught up.
 */
export function useRunLog(id: string): RunLog {
  const api = useApi(imglifeApiRef);
  const [lines, setLines] = useState<string[]>([]);
  const [isWhole, setWhole] = useState(false);
  const [isRetrying, setRetrying] = useState(false);
  const [error, setError] = useState<Error>();
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const aborted = new AbortController();
    const { signal } = aborted;
    let retries = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    setError(undefined);

    const follow = async () => {
      const read: string[] = [];
      let shown = 0;
      const show = () => {
        if (read.length > shown) {
          shown = read.length;
          setLines(known => (read.length < known.length ? known : [...read]));
        }
      };
      const pulse = setInterval(show, SHOW_MS);
      try {
        for await (const line of api.followRunLog(id, { signal })) {
          read.push(line);
          retries = 0;
          setRetrying(false);
        }
        show();
        setRetrying(false);
        setWhole(true);
      } finally {
        clearInterval(pulse);
      }
    };
    const start = () => {
      follow().catch(thrown => {
        if (signal.aborted) {
          return;
        }
        retries += 1;
        if (retries > MOST_RETRIES) {
          setRetrying(false);
          setError(thrown instanceof Error ? thrown : new Error(`${thrown}`));
          return;
        }
        setRetrying(true);
        timer = setTimeout(start, RETRY_MS);
      });
    };
    start();
    return () => {
      aborted.abort();
      clearTimeout(timer);
    };
  }, [api, id, attempt]);

  const retry = useCallback(() => setAttempt(count => count + 1), []);
  return { lines, isWhole, isRetrying, error, retry };
}
