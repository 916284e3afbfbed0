import type {
  EolFact,
  Support,
} from '@imglife/backstage-plugin-imglife-common';
import type { Cycle, SupportJudgement } from './LifecycleService';

const DAY_MS = 86_400_000;

/** The instant and the rules a cycle is judged by. */
export interface SupportOptions {
  now: Date;
  /** days before the end from which support is `ending` */
  warnDays: number;
  /** whether the end of extended support counts in place of the end of life */
  extendedSupport?: boolean;
}

/** A cycle with the age of what is known of it. */
export interface DatedCycle {
  cycle: Cycle;
  /** whole days; undefined for what the organisation says itself */
  ageDays?: number;
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/**
 * The date that counts for a cycle, `YYYY-MM-DD`: endoflife.date `eolFrom`,
 * or `eoesFrom` where extended support counts and there is one.
 */
export function endOf(
  cycle: Cycle,
  extendedSupport: boolean,
): string | undefined {
  return (extendedSupport ? cycle.eoesDate : undefined) ?? cycle.eolDate;
}

/**
 * Where one cycle stands: `ended` from 00:00 UTC of its date, `ending` within
 * `warnDays`. The bare boolean counts only where there is no date, as it was
 * true or false when the data was made (domain, Verdicts).
 */
export function supportOfCycle(cycle: Cycle, options: SupportOptions): Support {
  const end = endOf(cycle, options.extendedSupport ?? false);
  if (end === undefined) {
    if (cycle.isEol === undefined) {
      return 'unknown';
    }
    return cycle.isEol ? 'ended' : 'supported';
  }
  const now = options.now.getTime();
  if (end <= dayOf(now)) {
    return 'ended';
  }
  return end <= dayOf(now + options.warnDays * DAY_MS) ? 'ending' : 'supported';
}

function overall(product: Support, os: Support | undefined): Support {
  const worst = (['ended', 'ending'] as const).find(
    value => product === value || os === value,
  );
  return worst ?? product;
}

/**
 * Where an image stands by the cycle of its product and that of its operating
 * system: the earlier end counts. A supported system says nothing about an
 * unknown product, an ended one does; a system nobody knows lets the product
 * decide.
 */
export function judgeSupport(
  product: DatedCycle | undefined,
  os: DatedCycle | undefined,
  options: SupportOptions,
): SupportJudgement {
  const extended = options.extendedSupport ?? false;
  const facts = [product, os]
    .filter(dated => dated !== undefined)
    .map(({ cycle, ageDays }) => ({
      support: supportOfCycle(cycle, options),
      end: endOf(cycle, extended),
      fact: {
        product: cycle.product,
        cycle: cycle.name,
        eolDate: endOf(cycle, extended) ?? null,
        dataAgeDays: ageDays ?? null,
      } satisfies EolFact,
    }));
  const support = overall(
    product ? facts[0].support : 'unknown',
    os && facts.at(-1)?.support,
  );
  // an end without a date must not be shown with the other one's date
  const dates = facts
    .filter(fact => support === 'unknown' || fact.support === support)
    .flatMap(({ end }) => end ?? []);
  return {
    support,
    eolDate: dates.sort()[0],
    eol: facts.map(({ fact }) => fact),
  };
}
