import { useApi } from '@backstage/frontend-plugin-api';
import { useCallback, useEffect, useRef, useState } from 'react';
import { imglifeApiRef } from '../api/imglifeApiRef';

/** Lines are shown together: a fast run writes more than a screen can. */
const SHOW_MS = 200;
const RETRY_MS = 3_000;
/** in a row, without one line more */
const MOST_FAILURES = 5;

/** The log of a run as it is written. */
export interface RunLog {
  lines: string[];
  /** the run has ended, and its log is read to its end */
  isWhole: boolean;
  /** the connection was lost and is made again */
  isRetrying: boolean;
  /** it broke off, and is not tried again by itself */
  error: Error | undefined;
  retry(): void;
}

/**
 * Follows a run's log until the run has ended. A proxy may cut a quiet
 * connection, so that one that breaks, or ends before the run, is made again;
 * the log then comes anew from its start, and what is shown stays until it has
 * caught up.
 *
 * @param isOpen - whether the run goes on
 */
export function useRunLog(id: string, isOpen: boolean): RunLog {
  const api = useApi(imglifeApiRef);
  const goesOn = useRef(isOpen);
  goesOn.current = isOpen;
  const most = useRef(0);
  const [lines, setLines] = useState<string[]>([]);
  const [isWhole, setWhole] = useState(false);
  const [isRetrying, setRetrying] = useState(false);
  const [error, setError] = useState<Error>();
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const aborted = new AbortController();
    const { signal } = aborted;
    let failures = 0;
    const show = (read: string[]) => {
      if (read.length > most.current) {
        most.current = read.length;
        failures = 0;
        setLines(read);
      }
      if (read.length === most.current) {
        setRetrying(false);
      }
    };
    const follow = async () => {
      while (!signal.aborted) {
        try {
          await readLines(api.followRunLog(id, { signal }), show);
          if (!goesOn.current) {
            setWhole(true);
            return;
          }
        } catch (thrown) {
          failures += 1;
          setRetrying(failures <= MOST_FAILURES);
          if (failures > MOST_FAILURES) {
            throw thrown;
          }
        }
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
      }
    };
    setError(undefined);
    follow().catch(thrown =>
      setError(thrown instanceof Error ? thrown : new Error(String(thrown))),
    );
    return () => aborted.abort();
  }, [api, id, attempt]);

  const retry = useCallback(() => setAttempt(count => count + 1), []);
  return { lines, isWhole, isRetrying, error, retry };
}

/** Reads lines to their end, and shows all that were read from time to time. */
async function readLines(
  lines: AsyncIterable<string>,
  show: (read: string[]) => void,
): Promise<void> {
  const read: string[] = [];
  let shown = 0;
  const pulse = setInterval(() => {
    if (read.length > shown) {
      shown = read.length;
      show([...read]);
    }
  }, SHOW_MS);
  try {
    for await (const line of lines) {
      read.push(line);
    }
  } finally {
    clearInterval(pulse);
    show(read);
  }
}
