import type {
  Verdict,
  Withdrawal,
} from '@imglife/backstage-plugin-imglife-common';
import { UNKNOWN } from '../applications/baseUse';

/** The facts that advice and warnings are written from. */
export type AdviceFacts = Pick<
  Verdict,
  | 'base'
  | 'freshness'
  | 'latest'
  | 'latestInCycle'
  | 'support'
  | 'eol'
  | 'eolDate'
  | 'graceUntil'
  | 'state'
> & {
  /** end of life of the newest base's cycle, `YYYY-MM-DD` */
  latestEolDate?: string;
  warnDays: number;
  /** of a base that was taken back */
  withdrawal?: Withdrawal;
  /** that it was built on; undefined: not given */
  digest?: string;
};

function tagOf(reference: string): string {
  return reference.slice(reference.lastIndexOf(':') + 1);
}

/** What to change to be current; undefined when nothing is to be done. */
export function advice(facts: AdviceFacts): string | undefined {
  const { freshness, support, latest, latestInCycle, base } = facts;
  if (freshness === 'withdrawn') {
    const instead =
      facts.withdrawal?.replacement ?? latestInCycle ?? latest ?? undefined;
    return instead
      ? `Set BASE_IMAGE to ${instead}.`
      : 'Move to another base: nothing in place of this one is published.';
  }
  if (freshness === 'rebuilt') {
    return `Build again on ${
      latestInCycle ?? base
    }: its tag has a newer image.`;
  }
  const movesOn = freshness === 'outdated' || freshness === 'unmanaged';
  const inCycle =
    movesOn && latestInCycle !== null && latestInCycle !== base
      ? latestInCycle
      : undefined;
  const newest =
    latest !== null && latest !== base && latest !== inCycle
      ? latest
      : undefined;
  const wantsNewest =
    movesOn ||
    support === 'ended' ||
    support === 'ending' ||
    freshness === 'superseded';
  const until = facts.latestEolDate
    ? ` (supported until ${facts.latestEolDate})`
    : '';
  if (inCycle && newest) {
    return `Set BASE_IMAGE to ${inCycle} (same cycle) or …:${tagOf(
      newest,
    )}${until}.`;
  }
  if (inCycle) {
    return `Set BASE_IMAGE to ${inCycle}.`;
  }
  if (newest && wantsNewest) {
    return `Set BASE_IMAGE to ${newest}${until}.`;
  }
  return freshness === 'unmanaged'
    ? 'Build on one of the published bases instead of a mirror or an upstream image.'
    : undefined;
}

/** One line per thing that is or may be wrong. */
export function warnings(facts: AdviceFacts): string[] {
  return [
    ...freshnessWarnings(facts),
    ...stateWarnings(facts),
    ...supportWarnings(facts),
  ];
}

/** What the verdict takes for granted (domain, Verdicts: rebuilt). */
export function notes({ freshness, digest }: AdviceFacts): string[] {
  return !digest && (freshness === 'current' || freshness === 'superseded')
    ? ['no digest was given: the present one of the tag is assumed']
    : [];
}

function freshnessWarnings(facts: AdviceFacts): string[] {
  const { freshness, base } = facts;
  const newest =
    facts.latestInCycle === base ? facts.latest : facts.latestInCycle;
  switch (freshness) {
    case 'outdated':
      return [
        `base image is outdated: latest is ${
          newest ? tagOf(newest) : 'unknown'
        }${facts.graceUntil ? `; grace until ${facts.graceUntil}` : ''}`,
      ];
    case 'rebuilt':
      return [
        `base image was rebuilt: its tag now has another digest${
          facts.graceUntil ? `; grace until ${facts.graceUntil}` : ''
        }`,
      ];
    case 'withdrawn':
      return [
        facts.withdrawal
          ? `base image was withdrawn: ${facts.withdrawal.reason}`
          : 'base image was withdrawn',
      ];
    case 'unmanaged':
      return ['base image is not one of the published bases'];
    case 'superseded':
      return [
        `a newer cycle is published: ${
          facts.latest ? tagOf(facts.latest) : ''
        }`,
      ];
    case 'unknown':
      return [
        base === UNKNOWN
          ? 'not judged: nobody knows what it is built on'
          : `not judged: nothing is known of ${base}`,
      ];
    default:
      return [];
  }
}

function stateWarnings({ state }: AdviceFacts): string[] {
  switch (state) {
    case 'moved':
      return ['upstream has moved this tag, which is immutable in the mirror'];
    case 'gone-upstream':
      return ['the mirrored tag is gone upstream'];
    case 'failed':
      return ['its last sync or build has failed'];
    default:
      return [];
  }
}

function supportWarnings(facts: AdviceFacts): string[] {
  if (
    facts.support === 'unknown' &&
    facts.freshness !== 'unknown' &&
    facts.freshness !== 'none'
  ) {
    return ['not judged: no end-of-life data for this base'];
  }
  if (facts.support !== 'ended' && facts.support !== 'ending') {
    return [];
  }
  const which =
    facts.eol.find(({ eolDate }) => eolDate === facts.eolDate) ?? facts.eol[0];
  const name = which ? `${which.product} ${which.cycle}` : 'it';
  return facts.support === 'ended'
    ? [
        `${name} reached end of life${
          facts.eolDate ? ` on ${facts.eolDate}` : ''
        }`,
      ]
    : [
        `${name} reaches end of life on ${facts.eolDate}, in less than ${facts.warnDays} days`,
      ];
}
