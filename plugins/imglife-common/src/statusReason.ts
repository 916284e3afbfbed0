import type { Freshness, Status, Support } from './schemas/values';

/** What the one word of a row is chosen from. @public */
export interface StatusFacts {
  status: Status;
  support: Support;
  /** absent for mirrors, which have no base */
  freshness?: Freshness;
  /** state of a mirror, base or application row */
  state?: string;
  /** that the base is outdated counts already, because its grace is over */
  pastGrace?: boolean;
}

/** Why a row has its status, worst first. @public */
export const statusReasons = [
  'withdrawn',
  'ended',
  'moved',
  'failed',
  'outdated-past-grace',
  'ending',
  'outdated',
  'rebuilt',
  'unmanaged',
  'gone-upstream',
  'unknown',
  'ok',
] as const;

/** Why a row has its status. @public */
export type StatusReason = (typeof statusReasons)[number];

/**
 * The one reason a row's status is told with, in reports and on screens: the
 * worst that applies.
 *
 * @public
 */
export function statusReason(facts: StatusFacts): StatusReason {
  const { freshness, support, state } = facts;
  const applies: Partial<Record<StatusReason, boolean>> = {
    withdrawn: freshness === 'withdrawn' || state === 'withdrawn',
    ended: support === 'ended',
    moved: state === 'moved',
    failed: state === 'failed',
    'outdated-past-grace': freshness === 'outdated' && facts.pastGrace,
    ending: support === 'ending',
    outdated: freshness === 'outdated',
    rebuilt: freshness === 'rebuilt',
    unmanaged: freshness === 'unmanaged',
    'gone-upstream': state === 'gone-upstream',
    unknown: facts.status === 'unknown',
  };
  return statusReasons.find(reason => applies[reason]) ?? 'ok';
}
