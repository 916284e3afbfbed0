/** Calls `work` when that much time has passed since it last succeeded. */
export function atMostEvery(
  intervalMs: number,
  now: () => Date,
  work: () => Promise<void>,
): () => Promise<void> {
  let last = -Infinity;
  return async () => {
    const at = now().getTime();
    if (at - last >= intervalMs) {
      await work();
      last = at;
    }
  };
}
