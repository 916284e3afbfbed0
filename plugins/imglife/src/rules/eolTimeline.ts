import { DateTime } from 'luxon';
import type { BaseCycle } from './baseCycles';

const MONTHS_BEFORE = 6;
const MONTHS_AHEAD = 12;
const MONTHS_PER_TICK = 6;

/** From today to the end of life, or back to it. */
export interface TimelineBar {
  cycle: BaseCycle;
  ended: boolean;
  /** it ended before the left edge */
  clipped: boolean;
  /** in percent of the timeline's width */
  width: number;
}

/** What the timeline shows, in percent of its width. */
export interface Timeline {
  today: number;
  ticks: Array<{ at: number; month: DateTime }>;
  bars: TimelineBar[];
}

/** The last end of life that the timeline shows, `YYYY-MM-DD`. */
export function timelineHorizon(now: Date): string {
  return midnight(now).plus({ months: MONTHS_AHEAD }).toISODate()!;
}

/**
 * A bar per cycle between today and its end: to the right of today's line what
 * time is left, to the left of it how long it has ended. What ends later than
 * the right edge is left out, and what has ended and is used by nobody.
 */
export function eolTimeline(cycles: BaseCycle[], now: Date): Timeline {
  const today = midnight(now);
  const start = today.minus({ months: MONTHS_BEFORE });
  const days = (at: DateTime) => at.diff(start, 'days').days;
  const whole = days(today.plus({ months: MONTHS_AHEAD }));
  const percent = (at: DateTime) =>
    Math.min(100, Math.max(0, (100 * days(at)) / whole));
  const line = percent(today);
  const horizon = timelineHorizon(now);
  return {
    today: line,
    ticks: ticksOf(today).map(month => ({ at: percent(month), month })),
    bars: cycles
      .map(cycle => {
        const end = DateTime.fromISO(cycle.eolDate, { zone: 'utc' });
        return {
          cycle,
          ended: end <= today,
          clipped: end < start,
          width: Math.abs(percent(end) - line),
        };
      })
      .filter(({ cycle, ended }) =>
        ended ? cycle.applications > 0 : cycle.eolDate <= horizon,
      ),
  };
}

/** From edge to edge, but for today, which has a line of its own. */
function ticksOf(today: DateTime): DateTime[] {
  const months: DateTime[] = [];
  for (
    let ahead = -MONTHS_BEFORE;
    ahead <= MONTHS_AHEAD;
    ahead += MONTHS_PER_TICK
  ) {
    if (ahead !== 0) {
      months.push(today.plus({ months: ahead }));
    }
  }
  return months;
}

function midnight(now: Date): DateTime {
  return DateTime.fromJSDate(now, { zone: 'utc' }).startOf('day');
}
