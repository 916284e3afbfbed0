/** Runs work on every item, at most so many at once; the first failure ends it. */
export async function forEachAtOnce<T>(
  most: number,
  items: T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const run = async () => {
    for (const item of waiting) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: most }, run));
}
