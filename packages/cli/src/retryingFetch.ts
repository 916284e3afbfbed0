/** What {@link retryingFetch} needs from outside. */
export interface RetryOptions {
  fetch: typeof fetch;
  /** value of the Authorization header */
  authorization?: string;
  sleep: (ms: number) => Promise<unknown>;
  random: () => number;
}

const ATTEMPTS = 5;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 20_000;
const TIME_LIMIT_MS = 60_000;
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/**
 * `fetch` with the portal's token, a time limit, and retries of what may pass:
 * broken connections, 408, 429 and 5xx. Every route behind it is safe to
 * repeat. `Retry-After` in seconds is honoured.
 */
export function retryingFetch(options: RetryOptions): typeof fetch {
  return async (url, init) => {
    const headers = new Headers(init?.headers);
    if (options.authorization) {
      headers.set('authorization', options.authorization);
    }
    for (let attempt = 1; ; attempt++) {
      const last = attempt === ATTEMPTS;
      let asked: number | undefined;
      try {
        const response = await options.fetch(url, {
          ...init,
          headers,
          signal: AbortSignal.timeout(TIME_LIMIT_MS),
        });
        if (last || !TRANSIENT.has(response.status)) {
          return response;
        }
        asked = Number(response.headers.get('retry-after') ?? NaN) * 1000;
        await response.body?.cancel();
      } catch (error) {
        if (last) {
          throw error;
        }
      }
      const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), MAX_DELAY_MS);
      const jittered = delay / 2 + (delay / 2) * options.random();
      await options.sleep(
        Math.min(Number.isFinite(asked) ? asked! : jittered, MAX_DELAY_MS),
      );
    }
  };
}
