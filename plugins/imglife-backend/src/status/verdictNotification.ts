import type { NotificationSendOptions } from '@backstage/plugin-notifications-node';
import type { Status } from '@imglife/backstage-plugin-imglife-common';

/** Where the portal shows applications, below its own address. */
const PAGE = '/imglife/applications';

/** One image of a thread. */
export interface ThreadImage {
  /** `host/path:tag` */
  reference: string;
  status: Status;
  freshness: string;
  support: string;
  /** `YYYY-MM-DD` */
  eolDate: string | null;
}

/** What one owner's applications on one base and cycle are told as. */
export interface VerdictThread {
  /** entity reference */
  owner: string;
  /** name of the base, or the repository of an image that is none of ours */
  base: string;
  cycle: string | null;
  /** what to build on instead, in that cycle or after it */
  latest: string | null;
  /** current applications by their status */
  counts: Record<Status, number>;
  /** the worst of them first, and not all of many */
  images: ThreadImage[];
}

type Severity = NonNullable<NotificationSendOptions['payload']['severity']>;

const SEVERITY: Record<Status, Severity> = {
  critical: 'critical',
  warning: 'normal',
  unknown: 'low',
  ok: 'low',
};

/**
 * Tells an owner how their applications on a base and cycle are now. All that
 * is told of the two is one thread: the next takes the place of the last, and
 * is unread again.
 */
export function verdictNotification(
  thread: VerdictThread,
): NotificationSendOptions {
  const { owner, base, cycle, counts } = thread;
  const name = cycle === null ? base : `${base} ${cycle}`;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const touched = counts.critical + counts.warning;
  const worst = worstOf(counts);
  const link = new URLSearchParams({
    owner,
    base: cycle === null || base.includes('/') ? base : `${base}:${cycle}`,
  });
  return {
    recipients: { type: 'entity', entityRef: owner },
    payload: {
      title: touched
        ? `${images(touched)} on ${name}: ${problemsOf(thread)}`
        : `${images(total)} on ${name}: nothing to do any more`,
      description: touched ? describe(thread, touched) : undefined,
      link: `${PAGE}?${link}`,
      severity: SEVERITY[worst],
      topic: 'imglife',
      scope: `imglife:verdict:${owner}:${name}`,
    },
  };
}

function worstOf(counts: Record<Status, number>): Status {
  const order = ['critical', 'warning', 'unknown'] as const;
  return order.find(status => counts[status] > 0) ?? 'ok';
}

function images(count: number): string {
  return count === 1 ? '1 image' : `${count} images`;
}

/** What is wrong with them, each problem once. */
function problemsOf({ images: shown }: VerdictThread): string {
  const problems = shown.filter(isTouched).flatMap(problemsOfImage);
  return [...new Set(problems)].join(', ');
}

function problemsOfImage({ freshness, support }: ThreadImage): string[] {
  return [
    ...(['outdated', 'rebuilt', 'unmanaged', 'withdrawn'].includes(freshness)
      ? [freshness]
      : []),
    ...(support === 'ended' ? ['end of life reached'] : []),
    ...(support === 'ending' ? ['end of life near'] : []),
  ];
}

function isTouched({ status }: ThreadImage): boolean {
  return status === 'critical' || status === 'warning';
}

function describe(thread: VerdictThread, touched: number): string {
  const shown = thread.images.filter(isTouched);
  const listed = shown.map(({ reference }) => reference).join(', ');
  const more = touched - shown.length;
  const eolDate = shown.find(image => image.eolDate)?.eolDate;
  return [
    `${listed}${more > 0 ? ` and ${more} more` : ''}.`,
    ...(eolDate ? [`End of life: ${eolDate}.`] : []),
    ...(thread.latest ? [`Build on ${thread.latest}.`] : []),
  ].join(' ');
}
