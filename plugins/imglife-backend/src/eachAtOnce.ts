/**
 * Works on every item, so many at once, in order. The first error stops what
 * has not begun and is thrown once the others are through.
 *
 * @param limit - how many at once, at least 1
 */
export async function eachAtOnce<T>(
  items: ReadonlyArray<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const errors: unknown[] = [];
  const workers = Array.from({ length: Math.max(1, limit) }, async () => {
    while (queue.length && !errors.length) {
      try {
        await work(queue.shift() as T);
      } catch (error) {
        errors.push(error);
      }
    }
  });
  await Promise.all(workers);
  if (errors.length) {
    throw errors[0];
  }
}
