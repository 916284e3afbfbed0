import type { ApplicationRow } from '@imglife/backstage-plugin-imglife-common';
import type { CliContext } from '../CliContext';
import { exitCodes } from '../exitCodes';
import { listAll } from '../listAll';
import {
  csvLines,
  markdownLines,
  tableLines,
  type TableOutput,
} from '../tableLines';

/** Options of `imglife apps using`. */
export interface AppsUsingOptions {
  /** `NAME` or `NAME:TAG` */
  base: string;
  cycle?: string;
  owner?: string;
  all?: boolean;
  output: TableOutput;
}

const COLUMNS = ['Image', 'Version', 'Base', 'Freshness', 'Status', 'Owner'];

/** Prints the applications that are built on a base. */
export async function appsUsing(
  options: AppsUsingOptions,
  context: CliContext,
): Promise<number> {
  const { output, ...filters } = options;
  const api = context.api();
  const rows = await listAll(query => api.listApplications(query), filters);
  linesOf(output, rows).forEach(line => context.print(line));
  return exitCodes.ok;
}

function linesOf(output: TableOutput, rows: ApplicationRow[]): string[] {
  switch (output) {
    case 'json':
      return [JSON.stringify(rows, undefined, 2)];
    case 'csv':
      return csvLines(COLUMNS, rows.map(cells));
    case 'markdown':
      return markdownLines(COLUMNS, rows.map(cells));
    default:
      return [
        ...tableLines(
          COLUMNS.map(text => text.toLocaleUpperCase('en-US')),
          rows.map(cells),
        ),
        '',
        `${rows.length} application${rows.length === 1 ? '' : 's'}`,
      ];
  }
}

function cells(row: ApplicationRow): string[] {
  return [
    row.repository,
    row.tag,
    row.base?.reference ?? '-',
    row.freshness,
    row.status,
    row.owner ?? '-',
  ];
}
