import {
  supportValues,
  type Verdict,
} from '@imglife/backstage-plugin-imglife-common';
import { findingsOf, type JudgedBase } from './JudgedBase';

/**
 * A JUnit report with two cases, `freshness` and `support`; what is violated
 * is a failure, the portal's warnings are the suite's output. It has no more
 * than Jenkins' schema knows (xunit-plugin, junit-10.xsd): the file is named by
 * the suite, since a case has no such attribute there.
 */
export function junitReport(judged: JudgedBase): string {
  const { verdict, violations } = judged;
  const findings = findingsOf(judged);
  const failures = (['freshness', 'support'] as const).map(name =>
    findings.filter(
      ({ rule }) => violations.includes(rule) && caseOf(rule, verdict) === name,
    ),
  );
  const failed = failures.filter(each => each.length).length;
  const cases = (['freshness', 'support'] as const).map((name, index) => {
    const attributes = `classname="imglife.check" name="${name}" time="0"`;
    const [first, ...more] = failures[index];
    if (!first) {
      return `    <testcase ${attributes}/>`;
    }
    const text = [first, ...more].map(({ message }) => message).join('\n');
    return [
      `    <testcase ${attributes}>`,
      `      <failure message="${xml(first.message)}" type="${xml(
        first.rule,
      )}">${xml(text)}</failure>`,
      '    </testcase>',
    ].join('\n');
  });
  const counts = `tests="2" failures="${failed}" errors="0" time="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="imglife" ${counts}>`,
    `  <testsuite name="${xml(verdict.base)}" ${counts} file="${xml(
      judged.file,
    )}">`,
    ...cases,
    `    <system-out>${xml(verdict.warnings.join('\n'))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

// `unknown` is a value of both
function caseOf(rule: string, { freshness }: Verdict): 'freshness' | 'support' {
  return rule !== freshness &&
    (supportValues as readonly string[]).includes(rule)
    ? 'support'
    : 'freshness';
}

/** Escaped, without what XML 1.0 has no way to write (section 2.2, Char). */
function xml(text: string): string {
  return text
    .replace(
      /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu,
      '',
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
