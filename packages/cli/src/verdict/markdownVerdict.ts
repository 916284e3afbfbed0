import { escapeMarkdown } from '../escapeMarkdown';
import { findingsOf, type JudgedBase } from './JudgedBase';

/** A verdict for a job summary or a comment on a merge request. */
export function markdownVerdict(judged: JudgedBase): string[] {
  const { verdict, violations } = judged;
  const rows: Array<[string, string | null]> = [
    ['Base', verdict.base],
    ['Freshness', verdict.freshness],
    ['Outdated since', verdict.outdatedSince],
    ['Grace until', verdict.graceUntil],
    ['Support', verdict.support],
    ['End of life', verdict.eolDate],
    ['Status', verdict.status],
    [
      'Exempt',
      verdict.exemption &&
        `until ${verdict.exemption.until}: ${verdict.exemption.reason}`,
    ],
    ['Violations', violations.join(', ') || null],
    ['Advice', verdict.advice],
  ];
  const findings = findingsOf(judged);
  return [
    `### ${markOf(judged)} Base image`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `| ${name} | ${escapeMarkdown(value!)} |`),
    ...(findings.length ? [''] : []),
    ...findings.map(({ message }) => `- ${escapeMarkdown(message)}`),
  ];
}

function markOf(judged: JudgedBase): string {
  if (judged.violations.length) {
    return '❌';
  }
  return judged.verdict.warnings.length ? '⚠️' : '✅';
}
