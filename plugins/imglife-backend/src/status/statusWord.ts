import {
  type StatusFacts,
  type StatusReason,
  statusReason,
} from '@imglife/backstage-plugin-imglife-common';

const WORDS: Record<Exclude<StatusReason, 'ending'>, string> = {
  withdrawn: '❌ Withdrawn',
  ended: '❌ Expired',
  moved: '❌ Moved',
  failed: '❌ Failed',
  'outdated-past-grace': '❌ Outdated',
  outdated: '⚠️ Outdated',
  rebuilt: '⚠️ Rebuilt',
  unmanaged: '⚠️ Unmanaged',
  'gone-upstream': '⚠️ Gone upstream',
  unknown: '❔ Unknown',
  ok: '✅ OK',
};

/**
 * The status cell of the report.
 *
 * @param warnDays - of the policy: what "ending" means
 */
export function statusWord(facts: StatusFacts, warnDays: number): string {
  const reason = statusReason(facts);
  return reason === 'ending' ? `⚠️ < ${warnDays} days` : WORDS[reason];
}

/** The EOL cell of the report: the date, `❌ EOL` once it has passed, else `-`. */
export function eolWord(support: string, eolDate: string | null): string {
  return support === 'ended' ? '❌ EOL' : eolDate ?? '-';
}
