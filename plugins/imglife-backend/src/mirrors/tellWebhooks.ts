import type { LoggerService } from '@backstage/backend-plugin-api';
import { formatRepository } from '@imglife/oci';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MirrorDefinition } from '../definitions/Definitions';
import type { RunContext } from '../runs/RunContext';
import type { TagChange } from './TagCopier';

const LIMIT_MS = 10_000;
// Before the second and the third try
const WAITS_MS = [500, 2_000];

/**
 * Posts the changes of a round to the hooks of its mirror. A hook that fails
 * three times is a warning and a skipped item: the images are in place.
 * Redirects are not followed; only the host of a hook is named in messages,
 * for its path may be a secret.
 */
export async function tellWebhooks(
  mirror: MirrorDefinition,
  changes: TagChange[],
  options: { fetch: typeof fetch; context: RunContext; logger: LoggerService },
): Promise<void> {
  const { context, logger } = options;
  if (context.dryRun || !changes.length) {
    return;
  }
  const body = JSON.stringify({
    event: 'imglife.mirror.synced',
    mirror: mirror.name,
    target: formatRepository(mirror.target),
    changes,
  });
  for (const webhook of mirror.webhooks ?? []) {
    const { host } = new URL(webhook);
    const fault = await post(webhook, body, options);
    if (fault !== undefined) {
      const error = `${mirror.name}: the hook at ${host} was not told: ${fault}`;
      logger.warn(error);
      context.log(error);
      context.item({
        reference: `${formatRepository(mirror.target)} hook ${host}`,
        action: 'hook',
        reason: 'mirrors.hooks.afterSync',
        state: 'skipped',
        error,
      });
    }
  }
}

/** @returns what went wrong with the last try */
async function post(
  url: string,
  body: string,
  options: { fetch: typeof fetch; context: RunContext },
): Promise<string | undefined> {
  const { signal } = options.context;
  for (let tries = 0; ; tries += 1) {
    const fault = await postOnce(url, body, options.fetch, signal);
    if (fault === undefined || tries === WAITS_MS.length) {
      return fault;
    }
    await sleep(WAITS_MS[tries], undefined, { signal });
  }
}

async function postOnce(
  url: string,
  body: string,
  send: typeof fetch,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const response = await send(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `it answered ${response.status}`;
  } catch (error) {
    signal.throwIfAborted();
    const { name, cause } = error as Error;
    const code = (cause as { code?: string } | undefined)?.code;
    return code ?? name;
  }
}
