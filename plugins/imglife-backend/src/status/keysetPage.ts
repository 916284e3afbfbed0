import type { Page, TierQuery } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { Cursor, formatCursor, parseCursor } from './cursor';

const DEFAULT_LIMIT = 50;
const COUNT_LIMIT = 10_000;

/** How a tier is sorted; `reference` means by repository and tag alone. */
export interface KeysetOptions<Row> {
  /** filtered, neither ordered nor limited */
  rows: Knex.QueryBuilder;
  /** the same filters, selecting one cheap column */
  counted: Knex.QueryBuilder;
  knex: Knex;
  query: Pick<TierQuery, 'cursor' | 'limit' | 'orderBy' | 'order'>;
  /** the sort column; undefined for `reference` */
  column?: string;
  /** table of `repository` and `tag` */
  table: string;
  valueOf(row: Row): string | number | null;
}

/**
 * One page by keyset: the rows after (or before) the cursor's row, nulls last
 * in both directions, repository and tag breaking ties. A page deep in the
 * table costs what the first costs.
 */
export async function keysetPage<
  Row extends { repository: string; tag: string },
>(options: KeysetOptions<Row>): Promise<Page<Row>> {
  const { query } = options;
  const limit = query.limit ?? DEFAULT_LIMIT;
  const expected = {
    orderBy: query.orderBy ?? ('reference' as const),
    order: query.order ?? ('asc' as const),
  };
  const cursor = query.cursor ? parseCursor(query.cursor, expected) : undefined;
  const backward = cursor?.backward ?? false;
  const found: Row[] = await page(options, expected.order, cursor).limit(
    limit + 1,
  );
  const hasMore = found.length > limit;
  const items = found.slice(0, limit);
  if (backward) {
    items.reverse();
  }
  const total = await countCapped(options);
  const cursorAt = (row: Row, toBackward: boolean) =>
    formatCursor({
      ...expected,
      backward: toBackward,
      value: options.column ? options.valueOf(row) : null,
      repository: row.repository,
      tag: row.tag,
    });
  const hasNext = backward ? true : hasMore;
  const hasPrevious = backward ? hasMore : cursor !== undefined;
  return {
    items,
    totalItems: Math.min(total, COUNT_LIMIT),
    ...(total > COUNT_LIMIT && { totalIsLowerBound: true }),
    pageInfo: {
      ...(hasNext &&
        items.length && { nextCursor: cursorAt(items.at(-1)!, false) }),
      ...(hasPrevious &&
        items.length && { prevCursor: cursorAt(items[0], true) }),
    },
  };
}

function page<Row>(
  options: KeysetOptions<Row>,
  order: 'asc' | 'desc',
  cursor: Cursor | undefined,
): Knex.QueryBuilder {
  const { column, table, knex, rows } = options;
  const backward = cursor?.backward ?? false;
  const flip = (direction: 'asc' | 'desc') =>
    backward === (direction === 'asc') ? 'desc' : 'asc';
  // reference order has no column of its own: its direction is that of the name
  const nameOrder = column ? flip('asc') : flip(order);
  if (column) {
    rows.orderByRaw(`(?? IS NULL) ${flip('asc')}`, [column]);
    rows.orderByRaw(`?? ${flip(order)}`, [column]);
  }
  rows.orderBy([
    { column: `${table}.repository`, order: nameOrder },
    { column: `${table}.tag`, order: nameOrder },
  ]);
  if (cursor) {
    rows.where(where =>
      beside(where, {
        knex,
        column,
        table,
        cursor,
        nameOrder,
        order: flip(order),
      }),
    );
  }
  return rows;
}

interface Beside {
  knex: Knex;
  column?: string;
  table: string;
  cursor: Cursor;
  nameOrder: 'asc' | 'desc';
  order: 'asc' | 'desc';
}

/** The rows that come after the cursor's row in the order of this page. */
function beside(where: Knex.QueryBuilder, options: Beside): void {
  const { knex, column, table, cursor, nameOrder, order } = options;
  const after = nameOrder === 'asc' ? '>' : '<';
  const tie = knex.raw(`(??, ??) ${after} (?, ?)`, [
    `${table}.repository`,
    `${table}.tag`,
    cursor.repository,
    cursor.tag,
  ]);
  if (!column) {
    where.whereRaw(tie);
    return;
  }
  if (cursor.value === null) {
    where.where(same => same.whereNull(column).whereRaw(tie));
    if (cursor.backward) {
      where.orWhereNotNull(column);
    }
    return;
  }
  where
    .where(column, order === 'asc' ? '>' : '<', cursor.value)
    .orWhere(same => same.where(column, cursor.value).whereRaw(tie));
  if (!cursor.backward) {
    where.orWhereNull(column);
  }
}

async function countCapped<Row>(options: KeysetOptions<Row>): Promise<number> {
  const [{ count }] = await options.knex
    .from(options.counted.limit(COUNT_LIMIT + 1).as('capped'))
    .count<Array<{ count: number | string }>>({ count: '*' });
  return Number(count);
}
