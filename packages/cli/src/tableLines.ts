import { escapeMarkdown } from './escapeMarkdown';

/** The forms of a table. */
export const tableOutputs = ['table', 'markdown', 'json', 'csv'] as const;

/** A form of a table. */
export type TableOutput = (typeof tableOutputs)[number];

/** A table for a terminal: columns as wide as their widest cell. */
export function tableLines(header: string[], rows: string[][]): string[] {
  const widths = header.map(text => text.length);
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column], cell.length);
    });
  }
  return [header, ...rows].map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

/** A table of Markdown, its cells escaped. */
export function markdownLines(header: string[], rows: string[][]): string[] {
  return [header, header.map(() => '---'), ...rows.map(escapeRow)].map(
    row => `| ${row.join(' | ')} |`,
  );
}

/** Comma-separated values (RFC 4180), safe to open in a spreadsheet. */
export function csvLines(header: string[], rows: string[][]): string[] {
  return [header, ...rows].map(row => row.map(escapeCsv).join(','));
}

function escapeRow(row: string[]): string[] {
  return row.map(escapeMarkdown);
}

function escapeCsv(text: string): string {
  // a spreadsheet takes these for the beginning of a formula
  const safe = /^[=+\-@\t\r]/.test(text) && text !== '-' ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
