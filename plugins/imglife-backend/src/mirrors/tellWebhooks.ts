import { formatRepository } from '@imglife/oci';
import type { MirrorDefinition } from '../definitions/Definitions';
import { postWebhook, webhookName } from '../hooks/postWebhook';
import type { RunContext } from '../runs/RunContext';
import type { TagChange } from './TagCopier';

/**
 * Posts the changes of a round to the hooks of its mirror. A hook that fails is
 * a warning in the log and a skipped item: the images are in place.
 */
export async function tellWebhooks(
  mirror: MirrorDefinition,
  changes: TagChange[],
  context: RunContext,
): Promise<void> {
  if (context.dryRun || !changes.length) {
    return;
  }
  const target = formatRepository(mirror.target);
  const payload = {
    event: 'imglife.mirror.synced',
    mirror: mirror.name,
    source: formatRepository(mirror.source),
    target,
    changes,
    runId: context.id,
  };
  const tell = async (webhook: string) => {
    const isTaken = await postWebhook(webhook, payload, {
      log: line => context.log(`${mirror.name}: ${line}`),
      signal: context.signal,
    });
    if (!isTaken) {
      context.item({
        reference: `${target} hook ${webhookName(webhook)}`,
        action: 'hook',
        reason: 'mirrors.hooks.afterSync',
        state: 'skipped',
        error: 'it did not take the changes; the log says why',
      });
    }
  };
  await Promise.all((mirror.webhooks ?? []).map(tell));
}
