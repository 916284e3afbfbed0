import type {
  BaseState,
  Exemption,
  FailOn,
  Freshness,
  MirrorState,
  Status,
  Support,
} from '@imglife/backstage-plugin-imglife-common';
import {
  statusValues,
  violationsOf,
} from '@imglife/backstage-plugin-imglife-common';
import type { BaseTagTable } from '../database/tables';
import type { PolicyDefinition } from '../definitions/Definitions';
import type { SupportJudgement } from '../lifecycle/LifecycleService';
import { NewestBases, PublishedBases, referenceOf } from './PublishedBases';

const DAY_MS = 86_400_000;

/** What an application is built on. */
export interface UsedBase {
  /** the known base tag, where there is one */
  base?: BaseTagTable;
  tier: 'bases' | 'mirrors' | 'other' | 'none';
  /** empty or undefined: not given */
  digest?: string;
  /** every digest the base tag has now: the root's and its children's */
  presentDigests?: ReadonlySet<string>;
  /** of what is not a base: the bases to build on in its place */
  instead?: NewestBases;
}

/** How fresh a base is, and what is newer. */
export interface FreshnessJudgement {
  freshness: Freshness;
  /** `host/path:tag` of the newest in the family */
  latest?: string;
  /** `host/path:tag` of the newest in family and cycle */
  latestInCycle?: string;
  /** `YYYY-MM-DD`: since when something newer is published */
  outdatedSince?: string;
}

/** The two axes brought together under a policy. */
export interface PolicyJudgement {
  status: Status;
  /** index in `statusValues` */
  statusRank: number;
  violations: FailOn[];
  /** `YYYY-MM-DD`: the last day of grace; only while it lasts */
  graceUntil?: string;
}

/** Freshness, first match of the rules (domain, Verdicts). */
export function judgeFreshness(
  used: UsedBase,
  bases: PublishedBases,
  policy: Pick<PolicyDefinition, 'freshness'>,
): FreshnessJudgement {
  if (used.tier === 'none') {
    return { freshness: 'none' };
  }
  const { base } = used;
  if (!base) {
    return used.tier === 'mirrors' || used.tier === 'other'
      ? { freshness: 'unmanaged', ...referencesOf(used.instead ?? {}) }
      : { freshness: 'unknown' };
  }
  const latest = bases.latest(base);
  const inCycle = bases.latestInCycle(base);
  const newer = referencesOf({ latest, latestInCycle: inCycle });
  const isRemoved = base.state === 'removed';
  // retention may have removed what was withdrawn
  if (base.state === 'withdrawn' || (isRemoved && base.withdrawal !== null)) {
    return { freshness: 'withdrawn', ...newer };
  }
  if (base.digest === null && !isRemoved) {
    return { freshness: 'unknown', ...newer };
  }
  const hasNewerCycle =
    latest !== undefined &&
    latest.cycle !== base.cycle &&
    latest.version_key > base.version_key;
  const anyCycle = policy.freshness === 'newest';
  const isOutdated =
    (inCycle !== undefined && inCycle.version_key > base.version_key) ||
    (anyCycle && hasNewerCycle);
  if (isOutdated) {
    const since = bases.outdatedSince(base, anyCycle)?.slice(0, 10);
    return { freshness: 'outdated', ...newer, outdatedSince: since };
  }
  if (isRemoved) {
    return { freshness: 'unknown', ...newer };
  }
  if (
    used.digest &&
    used.presentDigests &&
    !used.presentDigests.has(used.digest)
  ) {
    const since = base.built_at?.slice(0, 10);
    return { freshness: 'rebuilt', ...newer, outdatedSince: since };
  }
  return { freshness: hasNewerCycle ? 'superseded' : 'current', ...newer };
}

/** Status and violations under the policy (domain, Verdicts). */
export function judgePolicy(
  input: {
    freshness: FreshnessJudgement;
    support: SupportJudgement;
    /** of the base; a development base never fails a check */
    kind?: string;
    /** of the base or mirror, where it is one */
    state?: BaseState | MirrorState;
    exemption?: Exemption;
  },
  policy: Pick<PolicyDefinition, 'graceDays' | 'failOn'>,
  now: Date,
): PolicyJudgement {
  const { freshness, outdatedSince } = input.freshness;
  const { support } = input.support;
  const graceUntil = graceEnd(outdatedSince, policy.graceDays);
  const inGrace =
    (freshness === 'outdated' || freshness === 'rebuilt') &&
    graceUntil !== undefined &&
    now.toISOString().slice(0, 10) <= graceUntil;
  const exempt = input.kind === 'development' || input.exemption !== undefined;
  const state = input.state ?? null;
  const status = statusOf(freshness, support, inGrace);
  return {
    status,
    statusRank: statusValues.indexOf(status),
    violations: violationsOf(
      { freshness, support, state, inGrace, exempt },
      policy.failOn,
    ),
    ...(inGrace && { graceUntil }),
  };
}

function referencesOf({ latest, latestInCycle }: NewestBases) {
  return {
    ...(latest && { latest: referenceOf(latest) }),
    ...(latestInCycle && { latestInCycle: referenceOf(latestInCycle) }),
  };
}

/** The last day of grace; undefined without grace. */
function graceEnd(
  since: string | undefined,
  graceDays: number,
): string | undefined {
  if (since === undefined || graceDays <= 0) {
    return undefined;
  }
  return new Date(Date.parse(since) + graceDays * DAY_MS)
    .toISOString()
    .slice(0, 10);
}

function statusOf(
  freshness: Freshness,
  support: Support,
  inGrace: boolean,
): Status {
  if (
    freshness === 'withdrawn' ||
    support === 'ended' ||
    (freshness === 'outdated' && !inGrace)
  ) {
    return 'critical';
  }
  if (
    support === 'ending' ||
    ['outdated', 'rebuilt', 'unmanaged'].includes(freshness)
  ) {
    return 'warning';
  }
  if (freshness === 'none') {
    return 'ok';
  }
  return freshness === 'unknown' || support === 'unknown' ? 'unknown' : 'ok';
}

/** Status of a mirror row, from its state and its support. */
export function mirrorStatus(state: string, support: Support): Status {
  if (state === 'moved' || state === 'failed' || support === 'ended') {
    return 'critical';
  }
  if (state === 'gone-upstream' || support === 'ending') {
    return 'warning';
  }
  return support === 'unknown' ? 'unknown' : 'ok';
}
