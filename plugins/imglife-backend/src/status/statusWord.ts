/** What the words of the report are chosen from. */
export interface StatusFacts {
  freshness?: string;
  support: string;
  status: string;
  /** of a mirror or base row */
  state?: string;
  /** whether an outdated base is past its grace */
  pastGrace?: boolean;
  warnDays: number;
}

/** The status cell of the report, first match (domain, Verdicts). */
export function statusWord(facts: StatusFacts): string {
  const { freshness, support, state, warnDays } = facts;
  const words: Array<[boolean, string]> = [
    [freshness === 'withdrawn' || state === 'withdrawn', '❌ Withdrawn'],
    [support === 'ended', '❌ Expired'],
    [state === 'moved', '❌ Moved'],
    [state === 'failed', '❌ Failed'],
    [freshness === 'outdated' && Boolean(facts.pastGrace), '❌ Outdated'],
    [support === 'ending', `⚠️ < ${warnDays} days`],
    [freshness === 'outdated', '⚠️ Outdated'],
    [freshness === 'rebuilt', '⚠️ Rebuilt'],
    [freshness === 'unmanaged', '⚠️ Unmanaged'],
    [state === 'gone-upstream', '⚠️ Gone upstream'],
    [facts.status === 'unknown', '❔ Unknown'],
  ];
  return words.find(([matches]) => matches)?.[1] ?? '✅ OK';
}

/** The EOL cell of the report: the date, `❌ EOL` once it has passed, else `-`. */
export function eolWord(support: string, eolDate: string | null): string {
  return support === 'ended' ? '❌ EOL' : eolDate ?? '-';
}
