import type { Tier } from '@imglife/backstage-plugin-imglife-common';
import { usageFault, type UsageFacts } from './usageFault';

const HOUR_MS = 3_600_000;
const NOW = new Date('2026-11-29T12:00:00.000Z');
const scan = (hours: number, succeeded = true, error?: string) => ({
  succeeded,
  finishedAt: new Date(NOW.getTime() - hours * HOUR_MS).toISOString(),
  error,
});
const known: UsageFacts = {
  hasBases: true,
  publishedBases: 3,
  currentApplications: 5,
  lastScan: scan(1),
  scanSchedule: { frequencyMs: 6 * HOUR_MS, timeoutMs: 2 * HOUR_MS },
};
const alone = { hasBases: false, publishedBases: 0 };

it.each<[string, Tier, Partial<UsageFacts>, RegExp | undefined]>([
  ['known', 'bases', {}, undefined],
  ['known', 'mirrors', {}, undefined],
  ['known', 'applications', {}, undefined],
  ['never scanned', 'bases', { lastScan: undefined }, /no scan .* has ended/],
  ['never scanned', 'mirrors', { lastScan: undefined }, /no scan/],
  ['never scanned', 'applications', { lastScan: undefined }, /no scan/],
  [
    'unreadable',
    'bases',
    { lastScan: scan(1, false, '2 images failed') },
    /failed at 2026-11-29T11:00:00.000Z \(2 images failed\)/,
  ],
  ['late by a round', 'bases', { lastScan: scan(14) }, undefined],
  [
    'stale',
    'bases',
    { lastScan: scan(14.01) },
    /longer ago than its schedule allows \(840 minutes\)/,
  ],
  ['empty', 'bases', { currentApplications: 0 }, /no current application/],
  ['empty', 'mirrors', { currentApplications: 0 }, /no current application/],
  ['without bases', 'mirrors', { publishedBases: 0 }, /none is published/],
  ['without bases', 'bases', { publishedBases: 0 }, undefined],
  ['of mirrors alone', 'mirrors', { ...alone, lastScan: undefined }, undefined],
  [
    'of mirrors alone',
    'mirrors',
    { ...alone, currentApplications: 0 },
    undefined,
  ],
  [
    'of mirrors alone',
    'applications',
    { ...alone, currentApplications: 0 },
    /no current/,
  ],
])('usage that is %s, for %s', (_, tier, change, fault) => {
  const found = usageFault(tier, { ...known, ...change }, NOW) ?? 'is known';
  expect(found).toMatch(fault ?? /^is known$/);
});
