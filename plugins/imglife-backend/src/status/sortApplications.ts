import type { Knex } from 'knex';
import type { Place, TakeOptions } from './applicationOrder';

/** Of what matches, the places of a page, and how many match in all. */
export interface SortedPlaces {
  places: Place[];
  /** undefined: no place is after the cursor, and none tells */
  total?: number;
}

/**
 * The first places after the cursor among what few match: found first and for
 * itself, then sorted. Left to itself the planner may go along the order, past
 * all that does not match. One statement.
 *
 * @param most - matches that are read; where that many match, the places are
 *   not those of the page
 */
export async function sortApplications(
  options: TakeOptions,
  most: number,
): Promise<SortedPlaces> {
  const { knex, order, direction, cursor, narrow, limit } = options;
  const columns = ['repository', 'tag'];
  if (order.by !== 'reference') {
    columns.push(order.by === 'verdict' ? 'verdict_id' : order.column);
  }
  const matches = narrow(knex('application'))
    .select(columns.map(column => `application.${column}`))
    .limit(most);
  const rows = knex('matches').withMaterialized('matches', matches);
  const value = valueOf(order);
  const keys = ['matches.repository', 'matches.tag'];
  if (order.by === 'verdict') {
    rows.join('verdict', 'verdict.id', 'matches.verdict_id');
    keys.unshift('matches.verdict_id');
  }
  if (value) {
    const isForward = !cursor?.backward;
    rows.orderByRaw(`(${value} IS NULL) ${isForward ? 'asc' : 'desc'}`);
    rows.orderBy(value, direction);
  }
  if (cursor) {
    rows.where(where => beyond(where, options, value, keys));
  }
  const found: Array<Place & { total: number | string }> = await rows
    .orderBy(keys.map(column => ({ column, order: direction })))
    .limit(limit)
    .select(
      ...keys,
      value ? `${value} as value` : knex.raw('NULL as value'),
      knex('matches').count('*').as('total'),
    );
  const places = found.map(({ total: _, ...place }) => place);
  return { places, total: found.length ? Number(found[0].total) : undefined };
}

function valueOf({ by, column }: TakeOptions['order']): string | undefined {
  if (by === 'reference') {
    return undefined;
  }
  return by === 'verdict' ? `verdict.${column}` : `matches.${column}`;
}

/** What comes after the cursor in the order of this page. */
function beyond(
  where: Knex.QueryBuilder,
  { knex, cursor, direction, order }: TakeOptions,
  value: string | undefined,
  keys: string[],
): void {
  const { backward, repository, tag, verdict } = cursor!;
  const names =
    order.by === 'verdict' ? [verdict!, repository, tag] : [repository, tag];
  const sign = direction === 'asc' ? '>' : '<';
  const after = (columns: string[], values: Array<string | number>) =>
    knex.raw(
      `(${columns.map(() => '??').join(', ')}) ${sign} (${columns
        .map(() => '?')
        .join(', ')})`,
      [...columns, ...values],
    );
  if (!value) {
    where.whereRaw(after(keys, names));
  } else if (cursor!.value === null) {
    where.where(same => same.whereNull(value).whereRaw(after(keys, names)));
    if (backward) {
      where.orWhereNotNull(value);
    }
  } else {
    where.whereRaw(after([value, ...keys], [cursor!.value, ...names]));
    if (!backward) {
      where.orWhereNull(value);
    }
  }
}
