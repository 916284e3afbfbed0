import type { Verdict } from '@imglife/backstage-plugin-imglife-common';

/** A verdict and what this call makes of it. */
export interface JudgedBase {
  verdict: Verdict;
  /** what counts here: the policy's, or those of `--fail-on` */
  violations: string[];
  /** whether the process ends with 1 because of them */
  fails: boolean;
  /** the Dockerfile, relative to where the command runs */
  file: string;
  /** of its FROM, from 1; 1 where the base was given */
  line: number;
}

/** One thing to say about a base. */
export interface Finding {
  /** a violation such as `outdated`, or `notice` */
  rule: string;
  level: 'error' | 'warning';
  message: string;
}

/**
 * What the reports for machines list: the violations, or, where there are
 * none, the portal's warnings.
 */
export function findingsOf(judged: JudgedBase): Finding[] {
  const { verdict, violations, fails } = judged;
  if (!violations.length) {
    return verdict.warnings.map(message => ({
      rule: 'notice',
      level: 'warning',
      message,
    }));
  }
  return violations.map(rule => ({
    rule,
    level: fails ? 'error' : 'warning',
    message: [`${verdict.base} ${sentence(rule, verdict)}.`, verdict.advice]
      .filter(Boolean)
      .join(' '),
  }));
}

function sentence(rule: string, verdict: Verdict): string {
  switch (rule) {
    case 'ended':
      return `has reached its end of life${on(verdict.eolDate)}`;
    case 'ending':
      return `reaches its end of life${on(verdict.eolDate)}`;
    case 'outdated':
      return `is outdated${
        verdict.outdatedSince ? ` since ${verdict.outdatedSince}` : ''
      }`;
    case 'rebuilt':
      return 'was rebuilt since under the same tag';
    case 'unmanaged':
      return 'is not a base of this house';
    case 'none':
      return 'is no base';
    case 'unknown':
      return 'is not known to the portal';
    default:
      return `is ${rule}`;
  }
}

function on(day: string | null): string {
  return day ? ` on ${day}` : '';
}
