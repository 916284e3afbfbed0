import type { Tier } from '@imglife/backstage-plugin-imglife-common';
import type { Schedule } from '../definitions/Definitions';

/** What is known of who uses what. */
export interface UsageFacts {
  /** bases are declared, or were published */
  hasBases: boolean;
  publishedBases: number;
  currentApplications: number;
  /** the newest that has ended and was not cancelled; undefined: none ever */
  lastScan?: { succeeded: boolean; finishedAt: string; error?: string };
  scanSchedule: Schedule;
}

/**
 * Why nothing of a tier may be deleted: what would protect its tags is not
 * known, or was known too long ago. Where there are no bases, mirrors are
 * their own purpose, and nothing is asked.
 *
 * A scan may be late by one round and as long as it may take.
 *
 * @returns undefined: the usage is known
 */
export function usageFault(
  tier: Tier,
  facts: UsageFacts,
  now: Date,
): string | undefined {
  const { hasBases, publishedBases, currentApplications, lastScan } = facts;
  if (tier === 'mirrors' && !hasBases) {
    return undefined;
  }
  if (!lastScan) {
    return 'no scan of applications has ended yet, so that nobody knows what they are built on';
  }
  if (!lastScan.succeeded) {
    return `the last scan of applications failed at ${lastScan.finishedAt}${
      lastScan.error ? ` (${lastScan.error})` : ''
    }, so that what they are built on may be unknown`;
  }
  const { frequencyMs, timeoutMs } = facts.scanSchedule;
  const allowed = 2 * frequencyMs + timeoutMs;
  if (now.getTime() - Date.parse(lastScan.finishedAt) > allowed) {
    return `the last scan of applications ended at ${
      lastScan.finishedAt
    }, longer ago than its schedule allows (${Math.round(
      allowed / 60_000,
    )} minutes)`;
  }
  if (currentApplications === 0) {
    return 'no current application is known, so that nothing would be protected by one';
  }
  return tier === 'mirrors' && publishedBases === 0
    ? 'bases are declared and none is published, so that no mirrored tag would be protected by one'
    : undefined;
}
