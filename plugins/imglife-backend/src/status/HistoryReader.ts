import {
  historyKinds,
  type HistoryEntry,
  type HistoryKind,
  type HistoryQuery,
  type Page,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { z } from 'zod';
import {
  cursorInteger,
  cursorText,
  readCursor,
  writeCursor,
} from '../database/readCursor';
import type {
  BuildTable,
  PullTable,
  RegistrationTable,
  RemovalTable,
} from '../database/tables';

const DEFAULT_LIMIT = 50;
const COUNT_LIMIT = 10_000;

/** Where a page ends: instant, kind and row, in the order of the list. */
type Place = { at: string; kind: HistoryKind; id: number };
type HistoryRow = PullTable | BuildTable | RegistrationTable | RemovalTable;
type Placed = Place & { entry: HistoryEntry };

const cursorSchema = z.tuple([cursorText, z.enum(historyKinds), cursorInteger]);

/** Column of the instant, per kind. */
const instants = {
  pull: 'at',
  build: 'finished_at',
  registration: 'registered_at',
  removal: 'at',
} as const;

/** Reads what happened to the tags of a repository, newest first. */
export class HistoryReader {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): HistoryReader {
    return new HistoryReader(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * @param query - `repository` as `host/path`, canonical
   * @throws InputError - the cursor is none of this list's
   */
  async read(query: HistoryQuery): Promise<Page<HistoryEntry>> {
    const { limit = DEFAULT_LIMIT, cursor, kind } = query;
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    const kinds = kind ? [kind] : historyKinds;
    // one row more than asked tells whether there is a next page
    const found = await Promise.all(
      kinds.map(each => this.#read(each, query, after, limit + 1)),
    );
    const merged = found.flat().sort(newestFirst);
    const items = merged.slice(0, limit);
    const last = items.at(-1);
    const totalItems = await this.#count(kinds, query);
    const isCapped = totalItems > COUNT_LIMIT;
    return {
      items: items.map(({ entry }) => entry),
      totalItems: Math.min(totalItems, COUNT_LIMIT),
      ...(isCapped && { totalIsLowerBound: true }),
      pageInfo:
        merged.length > limit && last ? { nextCursor: formatCursor(last) } : {},
    };
  }

  async #count(
    kinds: readonly HistoryKind[],
    { repository, tag }: HistoryQuery,
  ): Promise<number> {
    const counts = await Promise.all(
      kinds.map(kind => {
        const rows = this.#knex(kind)
          .where({ repository, ...(tag !== undefined && { tag }) })
          .select('id')
          .limit(COUNT_LIMIT + 1)
          .as('counted');
        return this.#knex.from(rows).count({ count: '*' }).first();
      }),
    );
    return counts.reduce((sum, row) => sum + Number(row?.count ?? 0), 0);
  }

  async #read(
    kind: HistoryKind,
    { repository, tag }: HistoryQuery,
    after: Place | undefined,
    limit: number,
  ): Promise<Placed[]> {
    const instant = instants[kind];
    const rows: HistoryRow[] = await this.#knex(kind)
      .where({ repository, ...(tag !== undefined && { tag }) })
      .modify(builder => {
        if (after) {
          builder.where(function isAfter() {
            this.where(instant, '<', after.at);
            if (kind < after.kind) {
              this.orWhere(instant, after.at);
            } else if (kind === after.kind) {
              this.orWhere(same =>
                same.where(instant, after.at).where('id', '<', after.id),
              );
            }
          });
        }
      })
      .orderBy([
        { column: instant, order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit);
    return rows.map(row => {
      const entry = toEntry(kind, row);
      return { kind, id: row.id, at: entry.at, entry };
    });
  }
}

function newestFirst(a: Place, b: Place): number {
  return compare(b.at, a.at) || compare(b.kind, a.kind) || b.id - a.id;
}

function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

const NOTHING = {
  state: 'succeeded' as const,
  digest: null,
  previousDigest: null,
  reasons: [],
  bytes: null,
  durationMs: null,
  base: null,
  revision: null,
  error: null,
  runId: null,
};

function toEntry(kind: HistoryKind, row: HistoryRow): HistoryEntry {
  switch (kind) {
    case 'pull':
      return fromPull(row as PullTable);
    case 'build':
      return fromBuild(row as BuildTable);
    case 'removal':
      return fromRemoval(row as RemovalTable);
    default:
      return fromRegistration(row as RegistrationTable);
  }
}

function fromPull(row: PullTable): HistoryEntry {
  return {
    ...NOTHING,
    kind: 'pull',
    at: row.at,
    repository: row.repository,
    tag: row.tag,
    digest: row.to_digest,
    previousDigest: row.from_digest,
    reasons: JSON.parse(row.notes),
    bytes: Number(row.bytes),
    durationMs: row.duration_ms,
    actor: row.actor,
    runId: row.run_id,
  };
}

function fromBuild(row: BuildTable): HistoryEntry {
  return {
    ...NOTHING,
    kind: 'build',
    at: row.finished_at,
    repository: row.repository,
    tag: row.tag,
    state: row.state,
    digest: row.digest,
    reasons: JSON.parse(row.reasons),
    durationMs: Date.parse(row.finished_at) - Date.parse(row.started_at),
    error: row.error,
    actor: row.actor,
    // a base that was built outside has none
    runId: row.run_id || null,
  };
}

function fromRegistration(row: RegistrationTable): HistoryEntry {
  const facts = JSON.parse(row.facts);
  return {
    ...NOTHING,
    kind: 'registration',
    at: row.registered_at,
    repository: row.repository,
    tag: row.tag,
    digest: facts.digest ?? null,
    base: facts.base?.reference ?? null,
    revision: facts.revision ?? null,
    actor: row.registered_by,
  };
}

function fromRemoval(row: RemovalTable): HistoryEntry {
  return {
    ...NOTHING,
    kind: 'removal',
    at: row.at,
    repository: row.repository,
    tag: row.tag,
    digest: null,
    previousDigest: row.digest,
    reasons: [
      row.reason,
      ...(row.archive_reference && !row.archive_removed_at
        ? [`is kept as ${row.archive_reference}`]
        : []),
      ...(row.restored_at
        ? [
            `was brought back on ${row.restored_at.slice(0, 10)} by ${
              row.restored_by
            }`,
          ]
        : []),
    ],
    actor: row.actor,
    runId: row.run_id,
  };
}

function formatCursor({ at, kind, id }: Place): string {
  return writeCursor([at, kind, id]);
}

function parseCursor(cursor: string): Place {
  const [at, kind, id] = readCursor(cursor, cursorSchema);
  return { at, kind, id };
}
