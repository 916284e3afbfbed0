import type {
  ReportFormat,
  Tier,
} from '@imglife/backstage-plugin-imglife-common';

const ENDINGS: Record<ReportFormat, string> = {
  'text/csv': 'csv',
  'text/markdown': 'md',
  'application/json': 'json',
};

/** The name of a report as a file, such as `imglife-bases-2026-11-23.csv`. */
export function reportFileName(
  tier: Tier,
  format: ReportFormat,
  now: Date,
): string {
  return `imglife-${tier}-${now.toISOString().slice(0, 10)}.${ENDINGS[format]}`;
}
