const LONGEST_MS = 45_000;
const PAUSE_MS = 200;

/** Asks again until it holds, for what a page does after an answer. */
export async function expectEventually<T>(check: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + LONGEST_MS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
    }
  }
}
