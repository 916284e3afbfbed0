import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '@backstage/errors';

const TIMEOUT_MS = 10_000;
const PAUSES_MS = [1_000, 4_000];

/** How {@link postWebhook} works. */
export interface PostWebhookOptions {
  /** Says what happened; never the URL's user-info, path or query. */
  log(line: string): void;
  /** ends the waiting; what is under way is given up */
  signal: AbortSignal;
  /** milliseconds for one attempt; default 10 s */
  timeoutMs?: number;
  /** milliseconds before each further attempt; default 1 s and 4 s */
  pausesMs?: readonly number[];
}

interface Answer {
  ok: boolean;
  /** whether trying again may help */
  retry: boolean;
  said: string;
}

/**
 * The origin of a webhook: user-info is a secret, and path and query often
 * hold one.
 */
export function webhookName(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'an unreadable URL';
}

/**
 * Posts JSON to a webhook. User-info of the URL is sent as basic
 * authorization. Redirects are not followed: they could lead anywhere.
 *
 * @returns whether it was taken; a failure is logged and never thrown, since
 *   what the hook tells of has happened already
 */
export async function postWebhook(
  url: string,
  payload: object,
  options: PostWebhookOptions,
): Promise<boolean> {
  const { log, signal, pausesMs = PAUSES_MS } = options;
  const name = webhookName(url);
  for (let attempt = 0; ; attempt += 1) {
    const answer = await post(url, payload, options);
    if (answer.ok) {
      return true;
    }
    const isLast = attempt >= pausesMs.length || !answer.retry;
    if (isLast || signal.aborted) {
      log(`warning: webhook ${name} failed: ${answer.said}`);
      return false;
    }
    await sleep(pausesMs[attempt], undefined, { signal }).catch(() => {});
  }
}

async function post(
  url: string,
  payload: object,
  { signal, timeoutMs = TIMEOUT_MS }: PostWebhookOptions,
): Promise<Answer> {
  try {
    const target = new URL(url);
    const headers = { 'content-type': 'application/json', ...basic(target) };
    target.username = '';
    target.password = '';
    const response = await fetch(target, {
      method: 'POST',
      headers,
      body: JSON.stringify(payload),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    const { status, ok } = response;
    const retry = status >= 500 || status === 429 || status === 408;
    return { ok, retry, said: `it answered ${status}` };
  } catch (cause) {
    const error = toError(cause);
    const said =
      error.name === 'TimeoutError'
        ? `no answer within ${timeoutMs} ms`
        : causeOf(error);
    return { ok: false, retry: true, said };
  }
}

function basic(url: URL): { authorization?: string } {
  if (!url.username) {
    return {};
  }
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  const token = Buffer.from(`${user}:${password}`).toString('base64');
  return { authorization: `Basic ${token}` };
}

// fetch says only "fetch failed"; its cause has a code without the URL
function causeOf(error: Error): string {
  const { code } = (error.cause ?? {}) as { code?: string };
  return code ?? error.name;
}
