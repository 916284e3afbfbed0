import type { NotificationSendOptions } from '@backstage/plugin-notifications-node';
import type { BasePublishedPayload } from './BaseHooks';
import type { BaseTagIdentity } from './BaseStore';

/** Where the portal shows bases, below its own address. */
const PAGE = '/imglife/bases';

/**
 * Tells of a published base. Those of one base and cycle are one thread: the
 * next takes the place of the last, and is unread again.
 *
 * @param recipients - entity references
 */
export function publishedNotification(
  published: BasePublishedPayload,
  { mirror }: Pick<BaseTagIdentity, 'mirror'>,
  recipients: string[],
): NotificationSendOptions {
  const { name, tag, reference, repository, reasons } = published;
  const cycle = mirror.cycle ?? mirror.osCycle ?? mirror.family;
  const search = new URLSearchParams({ search: `${repository}:${tag}` });
  return {
    recipients: { type: 'entity', entityRef: recipients },
    payload: {
      title: `Base ${name} is published as ${tag}`,
      description: `${reference} (${reasons.join(', ')})`,
      link: `${PAGE}?${search}`,
      severity: 'normal',
      topic: 'imglife',
      scope: `imglife:base:${name}:${cycle}`,
    },
  };
}
