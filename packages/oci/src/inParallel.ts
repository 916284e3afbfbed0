/**
 * Does the work for every item, at most `limit` at a time. The first failure
 * aborts the others; it is thrown once all have stopped.
 */
export async function inParallel<T, R>(
  items: T[],
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const results: R[] = new Array(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length && !either.aborted) {
      const at = next;
      next += 1;
      try {
        results[at] = await work(items[at], either);
      } catch (error) {
        failures.push(error);
        stop.abort(error);
      }
    }
  };
  await Promise.all(
    Array.from({ length: Math.min(limit, items.length) }, worker),
  );
  if (failures.length) {
    throw failures[0];
  }
  signal?.throwIfAborted();
  return results;
}
