/** How often and how long; times in milliseconds. */
export interface RetryPolicy {
  attempts: number;
  firstDelayMs: number;
  maxDelayMs: number;
}

/** Four attempts, 0.3 s to 30 s. */
export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 4,
  firstDelayMs: 300,
  maxDelayMs: 30_000,
};

/** Whether an answer of that status may be another one later. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/**
 * How long to wait before attempt `attempt + 1`: what the server asked for,
 * else exponential with full jitter on its upper half.
 *
 * @param attempt - how many were made, 1 for the first
 * @param random - 0 to 1
 * @param retryAfter - value of the `Retry-After` header, seconds or an HTTP date
 * @param now - epoch milliseconds
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attempt: number,
  random: number,
  retryAfter: string | undefined,
  now: number,
): number {
  const asked =
    retryAfter === undefined ? undefined : readRetryAfter(retryAfter, now);
  if (asked !== undefined) {
    return asked;
  }
  const delay = Math.min(
    policy.firstDelayMs * 2 ** (attempt - 1),
    policy.maxDelayMs,
  );
  return delay / 2 + (delay / 2) * random;
}

/**
 * Milliseconds of a `Retry-After` header (RFC 9110, section 10.2.3); undefined
 * when it is neither form. A date in the past is 0.
 */
export function readRetryAfter(value: string, now: number): number | undefined {
  if (/^\d{1,9}$/.test(value.trim())) {
    return Number(value) * 1000;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
