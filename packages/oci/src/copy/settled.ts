/** Waits for the end of another's work, however it ends, or throws the signal's reason. */
export async function settled(
  work: Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const quiet = work.catch(() => {});
  if (!signal) {
    await quiet;
    return;
  }
  signal.throwIfAborted();
  const wait = new AbortController();
  const stopped = new Promise<void>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), {
      once: true,
      signal: wait.signal,
    });
  });
  try {
    await Promise.race([quiet, stopped]);
  } finally {
    wait.abort();
  }
}
