import { createHash } from 'node:crypto';
import { findingsOf, type JudgedBase } from './JudgedBase';

/**
 * A Code Quality report of GitLab (GitLab, Code Quality report format): an
 * array, empty when all is well. The fingerprint stays the same while the same
 * rule fails in the same file, so that GitLab knows old from new.
 */
export function gitlabReport(judged: JudgedBase): string {
  const { file: path, line } = judged;
  const entries = findingsOf(judged).map(({ rule, level, message }, index) => ({
    description: message,
    check_name: `imglife-${rule}`,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([rule, path, rule === 'notice' ? index : 0]))
      .digest('hex'),
    severity: level === 'error' ? 'major' : 'minor',
    location: { path, lines: { begin: line } },
  }));
  return JSON.stringify(entries, undefined, 2);
}
