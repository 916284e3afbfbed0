import { UsageError } from './UsageError';

/** What {@link retryingFetch} needs from outside. */
export interface RetryOptions {
  fetch: typeof fetch;
  /** value of the Authorization header */
  authorization?: string;
  sleep: (ms: number) => Promise<unknown>;
  /** milliseconds since 1970 */
  now: () => number;
  random: () => number;
}

const ATTEMPTS = 5;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 20_000;
const TIME_LIMIT_MS = 60_000;
// A portal that answers nothing must not hold every pipeline for five minutes
const GIVE_UP_MS = 120_000;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/;
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/**
 * `fetch` with the portal's token, a time limit, and retries of what may pass:
 * broken connections and bodies, 408, 429 and 5xx. Every route behind it is
 * safe to repeat. After two minutes it is not tried again. `Retry-After` in seconds or as a date (RFC 9110, 10.2.3) is
 * honoured. An answer that follows a log (`follow=true`) and an archive are
 * handed on as they come; of them, only the head has a time limit.
 *
 * @throws UsageError - (from the call) the portal is at another address
 */
export function retryingFetch(options: RetryOptions): typeof fetch {
  return async (url, init) => {
    const begun = options.now();
    for (let attempt = 1; ; attempt++) {
      const isLast = () =>
        attempt === ATTEMPTS || options.now() - begun >= GIVE_UP_MS;
      let asked: number | undefined;
      try {
        const response = await fetchOnce(options, String(url), init);
        refuseRedirect(response);
        if (!TRANSIENT.has(response.status) || isLast()) {
          return response;
        }
        asked = retryAfterMs(response.headers, options.now());
      } catch (error) {
        if (error instanceof UsageError || init?.signal?.aborted || isLast()) {
          throw error;
        }
      }
      const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), MAX_DELAY_MS);
      const jittered = delay / 2 + (delay / 2) * options.random();
      await options.sleep(Math.min(asked ?? jittered, MAX_DELAY_MS));
    }
  };
}

async function fetchOnce(
  options: RetryOptions,
  url: string,
  init: RequestInit | undefined,
): Promise<Response> {
  const headers = new Headers(init?.headers);
  if (options.authorization) {
    headers.set('authorization', options.authorization);
  }
  const limit = new AbortController();
  const timer = setTimeout(
    () =>
      limit.abort(
        new Error(`no answer within ${TIME_LIMIT_MS / 1000} seconds`),
      ),
    TIME_LIMIT_MS,
  );
  try {
    const response = await options.fetch(url, {
      ...init,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([
        limit.signal,
        ...(init?.signal ? [init.signal] : []),
      ]),
    });
    if (response.ok && isStream(url, response)) {
      return response;
    }
    // Read here, so that a body that breaks is asked for again
    const body = await response.arrayBuffer();
    const { status, statusText } = response;
    const bodiless = status === 204 || status === 205 || status === 304;
    return new Response(bodiless ? null : body, {
      status,
      statusText,
      headers: response.headers,
    });
  } finally {
    clearTimeout(timer);
  }
}

// Followed, a POST would become a GET and the token be left behind (Fetch
// Standard, HTTP-redirect fetch), and the fault be another than it is
function refuseRedirect({ status, headers }: Response): void {
  const location = headers.get('location');
  if (status >= 300 && status < 400 && location) {
    throw new UsageError(
      `the portal redirects to ${location}: give the address that answers in IMGLIFE_URL`,
    );
  }
}

function isStream(url: string, { headers }: Response): boolean {
  return (
    new URL(url).searchParams.get('follow') === 'true' ||
    Boolean(headers.get('content-type')?.startsWith('application/x-tar'))
  );
}

/** Milliseconds to wait; undefined when nothing sensible was said. */
function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  if (!value) {
    return undefined;
  }
  if (/^\d+$/.test(value)) {
    return Number(value) * 1000;
  }
  const at = HTTP_DATE.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(at - now, 0);
}
