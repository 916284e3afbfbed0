import { DateTime } from 'luxon';

/** How many days an end-of-life date is away, or past when it has `ended`. */
export interface EolDistance {
  ended: boolean;
  days: number;
}

/**
 * Whole days between now and an end-of-life date, in UTC. From that day on
 * the product is no longer supported.
 *
 * @param eolDate - `YYYY-MM-DD`
 */
export function eolDistance(eolDate: string, now: Date): EolDistance {
  const today = DateTime.fromJSDate(now, { zone: 'utc' }).startOf('day');
  const end = DateTime.fromISO(eolDate, { zone: 'utc' });
  const days = Math.round(end.diff(today, 'days').days);
  return { ended: days <= 0, days: Math.abs(days) };
}
