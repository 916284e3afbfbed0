import { errorLike } from './errorLike';

/** How often and how patiently a failed request is repeated. */
export const RETRY = {
  /** Requests in all, the first included. */
  attempts: 5,
  firstDelayMs: 250,
  maxDelayMs: 30_000,
  /** A registry that asks for more is not waited for. */
  maxRetryAfterMs: 120_000,
  /** A host that asks for more is asked again after this all the same. */
  maxPauseMs: 900_000,
} as const;

const CONNECTION_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_DESTROYED',
]);

/** 408, 429 and 5xx, but not 501: what is not implemented stays so. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}

/** Whether a connection broke, timed out or never came to be. */
export function isConnectionError(error: unknown): boolean {
  const { code, message, cause, errors } = errorLike(error) ?? {};
  return (
    (typeof code === 'string' && CONNECTION_ERRORS.has(code)) ||
    (message === 'terminated' && cause !== undefined) ||
    Boolean(errors?.some(isConnectionError))
  );
}

/** From here on a number of seconds is a moment since the epoch: some registries send it so. */
const EPOCH_SECONDS = 1_000_000_000;

/**
 * Milliseconds to wait by a `Retry-After` header, in seconds or as a date
 * (RFC 9110, section 10.2.3). Undefined when absent or unreadable.
 */
export function parseRetryAfter(
  header: string | undefined,
  now: Date,
): number | undefined {
  const text = header?.trim();
  if (!text) {
    return undefined;
  }
  if (/^\d+$/.test(text)) {
    const ms = Number(text) * 1000;
    return Number(text) < EPOCH_SECONDS ? ms : Math.max(0, ms - now.getTime());
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

/**
 * Milliseconds to wait before the next attempt, or undefined to give up.
 * Doubles from attempt to attempt, with half of it left to chance so that
 * clients do not come back in step; never less than what the registry asked.
 *
 * @param attempt - the attempt that failed, counted from 1.
 * @param random - from 0 up to 1.
 */
export function retryDelay(
  attempt: number,
  failure: { retryable: boolean; retryAfterMs?: number },
  random: number,
): number | undefined {
  const { retryable, retryAfterMs = 0 } = failure;
  if (
    !retryable ||
    attempt >= RETRY.attempts ||
    retryAfterMs > RETRY.maxRetryAfterMs
  ) {
    return undefined;
  }
  const full = Math.min(
    RETRY.maxDelayMs,
    RETRY.firstDelayMs * 2 ** (attempt - 1),
  );
  return Math.max(retryAfterMs, full / 2 + (full / 2) * random);
}
