import type {
  Page,
  Run,
  RunQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { runKinds } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type { RunTable } from '../database/tables';
import { kindOfRun, wholeEntries } from './entryRuns';
import { formatRunCursor, parseRunCursor, type RunCursor } from './runCursor';
import { toRun } from './runRows';

const DEFAULT_LIMIT = 50;
const COUNT_LIMIT = 10_000;

/** One page of runs without their items, newest first, by keyset. */
export async function runPage(knex: Knex, query: RunQuery): Promise<Page<Run>> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const cursor = query.cursor ? parseRunCursor(query.cursor) : undefined;
  const backward = cursor?.backward ?? false;
  const filtered = filteredRuns(knex, query);
  const [{ count }] = await knex
    .from(
      filtered
        .clone()
        .select('id')
        .limit(COUNT_LIMIT + 1)
        .as('capped'),
    )
    .count<Array<{ count: number | string }>>({ count: '*' });
  const order = backward ? 'asc' : 'desc';
  const page = filtered
    .clone()
    .orderBy([
      { column: 'created_at', order },
      { column: 'id', order },
    ])
    .limit(limit + 1);
  if (cursor) {
    beside(page, cursor);
  }
  const rows: RunTable[] = await page;
  const shown = rows.slice(0, limit);
  if (backward) {
    shown.reverse();
  }
  const hasMore = rows.length > limit;
  const total = Number(count);
  const at = (row: RunTable, toBackward: boolean) =>
    formatRunCursor({
      createdAt: row.created_at,
      id: row.id,
      backward: toBackward,
    });
  const hasNext = backward || hasMore;
  const hasPrevious = backward ? hasMore : cursor !== undefined;
  return {
    items: shown.map(row => toRun(row, [])),
    totalItems: Math.min(total, COUNT_LIMIT),
    ...(total > COUNT_LIMIT && { totalIsLowerBound: true }),
    pageInfo: {
      ...(hasNext && shown.length && { nextCursor: at(shown.at(-1)!, false) }),
      ...(hasPrevious && shown.length && { prevCursor: at(shown[0], true) }),
    },
  };
}

function filteredRuns(knex: Knex, query: RunQuery): Knex.QueryBuilder {
  const { kind, target, state, failing } = query;
  const runs = knex<RunTable>('run');
  if (target !== undefined) {
    runs.where({ target });
  }
  if (state !== undefined) {
    // the index of states begins with the kind: without it, a rare state is
    // looked for among all runs there ever were
    runs.whereIn('kind', kind ? [kind] : [...runKinds]).where({ state });
  } else if (kind !== undefined) {
    runs.where({ kind });
  }
  if (failing !== undefined) {
    const ids = knex.from(failingRuns(knex)).whereNotNull('id').select('id');
    runs[failing ? 'whereIn' : 'whereNotIn']('id', ids);
  }
  return runs;
}

/**
 * The last failed run of each declared entry that is failing. An entry fails
 * until its next run succeeds or its definition changes, and one that is no
 * longer declared fails no more; so nothing old is told for ever.
 */
function failingRuns(knex: Knex): Knex.QueryBuilder {
  const kinds = Object.entries(kindOfRun);
  const kindOfEntry = knex.raw(
    `case definition.kind ${kinds.map(() => 'when ? then ?').join(' ')} end`,
    kinds.flat(),
  );
  const last = knex('run as failed')
    .where('failed.kind', kindOfEntry)
    .where({ 'failed.state': 'failed', 'failed.dry_run': false })
    .where(own =>
      own
        .where('failed.target', knex.ref('definition.name'))
        .orWhere(whole =>
          whole
            .whereNull('failed.target')
            .whereIn('definition.kind', Object.keys(wholeEntries)),
        ),
    )
    .orderBy('failed.created_at', 'desc')
    .limit(1)
    .select('failed.id');
  return knex('definition')
    .where('failures', '>', 0)
    .select(last.as('id'))
    .as('failing');
}

/** The runs that come after the cursor's run, or before it. */
function beside(page: Knex.QueryBuilder, cursor: RunCursor): void {
  const { createdAt, id, backward } = cursor;
  const beyond = backward ? '>' : '<';
  page.where(where =>
    where
      .where('created_at', beyond, createdAt)
      .orWhere(same =>
        same.where('created_at', createdAt).where('id', beyond, id),
      ),
  );
}
