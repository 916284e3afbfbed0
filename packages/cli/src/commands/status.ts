import type {
  ApplicationRow,
  BaseRow,
  ImglifeApi,
  MirrorRow,
  Page,
  Tier,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import type { CliContext } from '../CliContext';
import { exitCodes } from '../exitCodes';
import { tableLines } from '../tableLines';
import { UsageError } from '../UsageError';

const PAGE = 500;

/** Options of `imglife status`. */
export interface StatusOptions {
  tier?: Tier;
  output: 'table' | 'markdown' | 'json';
  filters: TierQuery;
}

type Row = MirrorRow | BaseRow | ApplicationRow;

/** Prints the tier tables, all pages of them. */
export async function status(
  options: StatusOptions,
  context: CliContext,
): Promise<number> {
  const api = context.api();
  if (options.output === 'markdown') {
    if (options.tier || Object.keys(options.filters).length) {
      throw new UsageError(
        'the Markdown report is whole: leave --tier and the filters out, or use --output table',
      );
    }
    context.print((await api.getReport('text/markdown')).trimEnd());
    return exitCodes.ok;
  }
  const wanted: Tier[] = options.tier
    ? [options.tier]
    : ['mirrors', 'bases', 'applications'];
  const result: Partial<Record<Tier, Row[]>> = {};
  for (const tier of wanted) {
    result[tier] = await all(query => list(api, tier, query), options.filters);
  }
  if (options.output === 'json') {
    context.print(JSON.stringify(result, undefined, 2));
    return exitCodes.ok;
  }
  for (const tier of wanted) {
    context.print(`${tier} (${result[tier]!.length})`);
    tableLines(
      ['IMAGE', 'VERSION', 'PLATFORMS', 'EOL', 'STATUS', 'WHY'],
      result[tier]!.map(cells),
    ).forEach(line => context.print(line));
    context.print('');
  }
  return exitCodes.ok;
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

async function all(
  listPage: (query: TierQuery) => Promise<Page<Row>>,
  filters: TierQuery,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await listPage({
      ...filters,
      limit: PAGE,
      ...(cursor && { cursor }),
    });
    rows.push(...page.items);
    cursor = page.pageInfo.nextCursor;
  } while (cursor);
  return rows;
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
