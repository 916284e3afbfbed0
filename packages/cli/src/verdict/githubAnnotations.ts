import { findingsOf, type JudgedBase } from './JudgedBase';

/**
 * Workflow commands of GitHub Actions, which the runner turns into
 * annotations; escaped as its toolkit does (GitHub Actions, Workflow commands).
 */
export function githubAnnotations(judged: JudgedBase): string[] {
  return findingsOf(judged).map(({ rule, level, message }) => {
    const properties = [
      `file=${escapeProperty(judged.file)}`,
      `line=${judged.line}`,
      `title=${escapeProperty(`imglife: ${rule}`)}`,
    ];
    return `::${level} ${properties.join(',')}::${escapeMessage(message)}`;
  });
}

function escapeMessage(text: string): string {
  return text
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
