import type { Verdict } from '@imglife/backstage-plugin-imglife-common';
import type { z } from 'zod/v3';

/** What an action says of a base, shortened to what is acted upon. */
export const verdictShape = (zod: typeof z) =>
  zod.object({
    base: zod.string().describe('The base that was judged'),
    name: zod.string().nullable(),
    cycle: zod.string().nullable(),
    freshness: zod
      .string()
      .describe(
        'current, superseded (a newer cycle exists), outdated, rebuilt (the tag moved), unmanaged (none of our bases), withdrawn, unknown or none (FROM scratch)',
      ),
    support: zod.string().describe('supported, ending, ended or unknown'),
    eolDate: zod
      .string()
      .nullable()
      .describe('First day without support, YYYY-MM-DD'),
    status: zod.string().describe('ok, warning, critical or unknown'),
    upToDate: zod.boolean(),
    latest: zod
      .string()
      .nullable()
      .describe('The newest base of this name, whatever its cycle'),
    latestInCycle: zod.string().nullable(),
    outdatedSince: zod.string().nullable(),
    violations: zod
      .array(zod.string())
      .describe('What a strict check would fail on'),
    advice: zod.string().nullable().describe('What to change, in words'),
  });

/** The verdict in {@link verdictShape}. */
export function shortVerdict(verdict: Verdict) {
  const { kind, state, graceUntil, eol, exemption, warnings, notes, ...short } =
    verdict;
  return short;
}
