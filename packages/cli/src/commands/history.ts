import type { HistoryEntry } from '@imglife/backstage-plugin-imglife-common';
import type { CliContext } from '../CliContext';
import { exitCodes } from '../exitCodes';
import {
  csvLines,
  markdownLines,
  tableLines,
  type TableOutput,
} from '../tableLines';

/** Options of `imglife history`. */
export interface HistoryOptions {
  /** `host/path` */
  repository: string;
  tag?: string;
  limit: number;
  output: TableOutput;
}

const COLUMNS = ['At', 'Tag', 'What', 'Digest', 'Why', 'Who'];
const PAGE = 500;
const DIGEST_LENGTH = 'sha256:'.length + 12;

/** Prints what happened to the tags of a repository, newest first. */
export async function history(
  { output, limit, ...query }: HistoryOptions,
  context: CliContext,
): Promise<number> {
  const entries: HistoryEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await context.api().getHistory({
      ...query,
      limit: Math.min(PAGE, limit - entries.length),
      ...(cursor && { cursor }),
    });
    entries.push(...page.items);
    cursor = page.pageInfo.nextCursor;
  } while (cursor && entries.length < limit);
  linesOf(output, entries).forEach(line => context.print(line));
  return exitCodes.ok;
}

function linesOf(output: TableOutput, entries: HistoryEntry[]): string[] {
  switch (output) {
    case 'json':
      return [JSON.stringify(entries, undefined, 2)];
    case 'csv':
      return csvLines(COLUMNS, entries.map(cells));
    case 'markdown':
      return markdownLines(COLUMNS, entries.map(cells));
    default:
      return tableLines(
        COLUMNS.map(text => text.toLocaleUpperCase('en-US')),
        entries.map(cells),
      );
  }
}

function cells(entry: HistoryEntry): string[] {
  const { kind, state } = entry;
  return [
    entry.at.slice(0, 16),
    entry.tag,
    state === 'failed' ? `${kind} failed` : kind,
    entry.digest?.slice(0, DIGEST_LENGTH) ?? '-',
    (entry.error ?? entry.reasons.join(', ')) || (entry.base ?? '-'),
    entry.actor,
  ];
}
