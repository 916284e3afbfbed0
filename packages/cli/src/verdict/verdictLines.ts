import type { JudgedBase } from './JudgedBase';

/** A verdict for people, one fact a line. */
export function verdictLines({ verdict, violations }: JudgedBase): string[] {
  if (verdict.freshness === 'none' && verdict.base === 'scratch') {
    return ['FROM scratch: there is no base to judge'];
  }
  const eol = verdict.eol.map(
    ({ product, cycle, eolDate }) =>
      `${product} ${cycle}${eolDate ? ` until ${eolDate}` : ''}`,
  );
  return [
    `base       ${verdict.base}`,
    `freshness  ${verdict.freshness}${
      verdict.outdatedSince ? ` since ${verdict.outdatedSince}` : ''
    }${verdict.graceUntil ? `, grace until ${verdict.graceUntil}` : ''}`,
    `support    ${verdict.support}${eol.length ? ` (${eol.join(', ')})` : ''}`,
    `status     ${verdict.status}`,
    ...(verdict.exemption
      ? [
          `exempt     until ${verdict.exemption.until}: ${verdict.exemption.reason}`,
        ]
      : []),
    ...verdict.warnings.map(warning => `warning    ${warning}`),
    ...verdict.notes.map(note => `note       ${note}`),
    ...(verdict.advice ? [`advice     ${verdict.advice}`] : []),
    ...(violations.length ? [`violations ${violations.join(', ')}`] : []),
  ];
}
