import {
  absentFilters,
  type ApplicationRow,
  type BaseRow,
  baseStates,
  type ImglifeApi,
  type MirrorRow,
  mirrorStates,
  type Page,
  type ReportFormat,
  type Tier,
  type TierQuery,
  tiers,
} from '@imglife/backstage-plugin-imglife-common';
import type { CliContext } from '../CliContext';
import { exitCodes } from '../exitCodes';
import { listAll } from '../listAll';
import {
  csvLines,
  markdownLines,
  tableLines,
  type TableOutput,
} from '../tableLines';

/** Options of `imglife status`. */
export interface StatusOptions {
  tier?: Tier;
  output: TableOutput;
  filters: TierQuery;
}

type Row = MirrorRow | BaseRow | ApplicationRow;

const REPORTS: Partial<Record<TableOutput, ReportFormat>> = {
  markdown: 'text/markdown',
  csv: 'text/csv',
};
const COLUMNS = ['Image', 'Version', 'Platforms', 'EOL', 'Status', 'Why'];

/**
 * Prints the tier tables, all pages of them. The whole of it as Markdown or
 * CSV is the portal's own report.
 */
export async function status(
  options: StatusOptions,
  context: CliContext,
): Promise<number> {
  const api = context.api();
  const { tier, filters, output } = options;
  const report = REPORTS[output];
  if (report && !tier && !Object.keys(filters).length) {
    context.print((await api.getReport(report)).trimEnd());
    return exitCodes.ok;
  }
  const wanted = tier ? [tier] : tiers.filter(each => has(each, filters));
  const rows: Partial<Record<Tier, Row[]>> = {};
  for (const each of wanted) {
    rows[each] = await listAll(query => list(api, each, query), filters);
  }
  linesOf(output, rows).forEach(line => context.print(line));
  return exitCodes.ok;
}

const STATES: Partial<Record<Tier, readonly string[]>> = {
  mirrors: mirrorStates,
  bases: baseStates,
};

/** A question about owners is none about mirrors, nor one about moved tags about bases. */
function has(tier: Tier, filters: TierQuery): boolean {
  return (
    absentFilters[tier].every(filter => filters[filter] === undefined) &&
    (filters.state === undefined ||
      Boolean(STATES[tier]?.includes(filters.state)))
  );
}

function linesOf(
  output: TableOutput,
  rows: Partial<Record<Tier, Row[]>>,
): string[] {
  const tables = Object.entries(rows);
  const headers = COLUMNS.map(text => text.toLocaleUpperCase('en-US'));
  switch (output) {
    case 'json':
      return [JSON.stringify(rows, undefined, 2)];
    case 'csv':
      return csvLines(
        ['Tier', ...COLUMNS],
        tables.flatMap(([tier, of]) => of.map(row => [tier, ...cells(row)])),
      );
    case 'markdown':
      return tables.flatMap(([tier, of]) => [
        `## ${tier} (${of.length})`,
        '',
        ...markdownLines(COLUMNS, of.map(cells)),
        '',
      ]);
    default:
      return tables.flatMap(([tier, of]) => [
        `${tier} (${of.length})`,
        ...tableLines(headers, of.map(cells)),
        '',
      ]);
  }
}

function list(
  api: ImglifeApi,
  tier: Tier,
  query: TierQuery,
): Promise<Page<Row>> {
  switch (tier) {
    case 'mirrors':
      return api.listMirrors(query);
    case 'bases':
      return api.listBases(query);
    default:
      return api.listApplications(query);
  }
}

function cells(row: Row): string[] {
  return [
    row.repository,
    row.tag,
    row.platforms.join(', '),
    row.eolDate ?? '-',
    row.status,
    why(row),
  ];
}

function why(row: Row): string {
  if ('freshness' in row) {
    return row.support === 'supported' || row.support === 'unknown'
      ? row.freshness
      : `${row.freshness}, ${row.support}`;
  }
  return row.state === 'current' ? row.support : row.state;
}
