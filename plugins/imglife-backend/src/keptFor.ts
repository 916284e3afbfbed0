/**
 * Reads at most once in that time, also for callers that come at once; a failure
 * is told to those that wait for it, and not kept.
 *
 * @param keptMs - how old an answer may be, in milliseconds
 */
export function keptFor<T>(
  keptMs: number,
  now: () => Date,
  read: () => Promise<T>,
): () => Promise<T> {
  let kept: { value: Promise<T>; until: number } | undefined;
  return () => {
    const at = now().getTime();
    if (!kept || kept.until <= at) {
      const value = read();
      kept = { value, until: at + keptMs };
      value.catch(() => {
        kept = undefined;
      });
    }
    return kept.value;
  };
}
