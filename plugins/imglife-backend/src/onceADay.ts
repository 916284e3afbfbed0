/** Calls `work` on the first call of each UTC day; a failure is tried again. */
export function onceADay(
  now: () => Date,
  work: () => Promise<void>,
): () => Promise<void> {
  let lastDay = '';
  return async () => {
    const day = now().toISOString().slice(0, 10);
    if (day !== lastDay) {
      await work();
      lastDay = day;
    }
  };
}
