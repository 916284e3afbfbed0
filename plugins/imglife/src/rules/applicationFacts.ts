import type {
  ApplicationRow,
  StatusFacts,
} from '@imglife/backstage-plugin-imglife-common';

/** What an application's status is told from: an outdated base that is a violation is past its grace. */
export function applicationFacts(row: ApplicationRow): StatusFacts {
  return { ...row, pastGrace: row.violations.includes('outdated') };
}
