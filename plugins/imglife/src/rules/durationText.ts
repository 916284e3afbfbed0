import { DateTime, Duration } from 'luxon';

/**
 * How long something took, in the words of the user's language: `1 min, 12 sec`.
 *
 * @param from - ISO 8601
 * @param to - of its end, or the time now
 */
export function durationText(from: string, to: DateTime): string {
  const seconds = Math.max(
    0,
    Math.round(to.diff(DateTime.fromISO(from), 'seconds').seconds),
  );
  return Duration.fromObject({ hours: 0, minutes: 0, seconds })
    .rescale()
    .set(seconds ? {} : { seconds: 0 })
    .toHuman({ unitDisplay: 'short' });
}
