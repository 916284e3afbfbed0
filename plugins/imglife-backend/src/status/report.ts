import {
  absentFilters,
  type ApplicationRow,
  type BaseRow,
  type MirrorRow,
  type Page,
  type ReportFormat,
  type ReportQuery,
  type TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { eolWord, statusWord } from './statusWord';

const PAGE = 500;

/** Where the rows of the report come from. */
export interface ReportSource {
  mirrors(query: TierQuery): Promise<Page<MirrorRow>>;
  bases(query: TierQuery): Promise<Page<BaseRow>>;
  applications(query: TierQuery): Promise<Page<ApplicationRow>>;
}

type Row = MirrorRow | BaseRow | ApplicationRow;
type TierName = keyof ReportSource;

const TITLES: Record<TierName, string> = {
  mirrors: 'Mirrors',
  bases: 'Base images',
  applications: 'Applications',
};
const COLUMNS = ['Image', 'Version', 'Platforms', 'EOL', 'Status'];

/** What a report tells of. */
export interface ReportOptions {
  query: ReportQuery;
  /** of the policy, for the status words */
  warnDays: number;
}

/** The tier asked for, or else those that have the filters given. */
export function reportedTiers(query: ReportQuery): TierName[] {
  const { tier, ...filters } = query;
  return tier
    ? [tier]
    : (Object.keys(TITLES) as TierName[]).filter(each =>
        absentFilters[each].every(
          name => filters[name as keyof typeof filters] === undefined,
        ),
      );
}

/**
 * The status report, one table per tier, page by page, so that its size does
 * not matter.
 */
export async function* report(
  source: ReportSource,
  format: ReportFormat,
  options: ReportOptions,
): AsyncIterable<string> {
  switch (format) {
    case 'text/markdown':
      yield* markdown(source, options);
      break;
    case 'text/csv':
      yield* csv(source, options);
      break;
    default:
      yield* json(source, options);
  }
}

async function* markdown(
  source: ReportSource,
  { query, warnDays }: ReportOptions,
): AsyncIterable<string> {
  yield '# Container images\n';
  for (const tier of reportedTiers(query)) {
    const columns = columnsOf(tier);
    yield `\n## ${TITLES[tier]}\n\n`;
    yield `| ${columns.join(' | ')} |\n`;
    yield `| ${columns.map(() => '---').join(' | ')} |\n`;
    for await (const rows of pages(source, tier, query)) {
      yield rows
        .map(row => cells(tier, row, warnDays).map(escapeCell))
        .map(row => `| ${row.join(' | ')} |\n`)
        .join('');
    }
  }
}

async function* csv(
  source: ReportSource,
  { query, warnDays }: ReportOptions,
): AsyncIterable<string> {
  yield `${['Tier', ...columnsOf('applications')].join(',')}\r\n`;
  for (const tier of reportedTiers(query)) {
    for await (const rows of pages(source, tier, query)) {
      yield rows
        .map(row => [tier, ...cells(tier, row, warnDays), '', ''].slice(0, 8))
        .map(row => `${row.map(escapeCsv).join(',')}\r\n`)
        .join('');
    }
  }
}

async function* json(
  source: ReportSource,
  { query }: ReportOptions,
): AsyncIterable<string> {
  let opening = '{';
  for (const tier of reportedTiers(query)) {
    yield `${opening}${JSON.stringify(tier)}:[`;
    let separator = '';
    for await (const rows of pages(source, tier, query)) {
      for (const row of rows) {
        yield separator + JSON.stringify(row);
        separator = ',';
      }
    }
    yield ']';
    opening = ',';
  }
  yield '}';
}

async function* pages(
  source: ReportSource,
  tier: TierName,
  query: ReportQuery,
): AsyncIterable<Row[]> {
  const { tier: _tier, ...filters } = query;
  let cursor: string | undefined;
  do {
    const page: Page<Row> = await source[tier]({
      ...filters,
      limit: PAGE,
      ...(cursor && { cursor }),
    });
    yield page.items;
    cursor = page.pageInfo.nextCursor;
  } while (cursor);
}

function columnsOf(tier: TierName): string[] {
  return tier === 'applications' ? [...COLUMNS, 'Base', 'Owner'] : COLUMNS;
}

function cells(tier: TierName, row: Row, warnDays: number): string[] {
  const common = [
    shortName(tier, row),
    row.tag,
    row.platforms.join(', '),
    eolWord(row.support, row.eolDate),
    wordOf(row, warnDays),
  ];
  if (!('detection' in row)) {
    return common;
  }
  const base = row.base?.name
    ? `${row.base.name}:${row.base.version}`
    : row.base?.reference ?? '-';
  return [...common, base, row.owner ?? 'unowned'];
}

// The tier's path is the same for all: what follows it tells images apart.
function shortName(tier: TierName, row: Row): string {
  if ('name' in row) {
    return row.name;
  }
  return tier === 'mirrors' ? lastSegments(row.repository) : row.repository;
}

function lastSegments(repository: string): string {
  return repository.split('/').slice(2).join('/') || repository;
}

function wordOf(row: Row, warnDays: number): string {
  const freshness = 'freshness' in row ? row.freshness : undefined;
  return statusWord(
    {
      freshness,
      support: row.support,
      status: row.status,
      state: row.state,
      pastGrace: freshness === 'outdated' && row.status === 'critical',
    },
    warnDays,
  );
}

// The words of the status column are ours, and hold a "<" of their own.
function escapeCell(text: string, column: number): string {
  return COLUMNS[column] === 'Status' ? text : escapeMarkdown(text);
}

function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\|`*_[\]]/g, match => `\\${match}`);
}

function escapeCsv(text: string): string {
  // a spreadsheet takes these for the beginning of a formula
  const safe = /^[=+\-@\t\r]/.test(text) && text !== '-' ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
