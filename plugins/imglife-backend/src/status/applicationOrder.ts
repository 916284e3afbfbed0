import type { OrderField } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { isPostgres } from '../applications/applicationRows';
import { Cursor, formatCursor } from './cursor';

const PLACE = ['id', 'verdict_id', 'repository', 'tag'].map(
  column => `application.${column}`,
);

/** Where an application stands in the order of a page. */
export interface Place {
  id: number;
  /** of the sort column; null sorts last in both directions */
  value: string | number | null;
  verdict_id: number;
  repository: string;
  tag: string;
}

/**
 * What applications are sorted by. Ties are broken in the same direction, so
 * that one index serves both: by repository and tag, and before that by the
 * verdict where the value is the verdict's.
 */
export interface ApplicationOrder {
  /** `reference`: repository and tag alone */
  by: 'reference' | 'application' | 'verdict';
  /** without its table */
  column: string;
}

/** The conditions on `application` itself; none joins another table. */
export type Narrow = (rows: Knex.QueryBuilder) => Knex.QueryBuilder;

/** What {@link takeInOrder} and `sortApplications` read. */
export interface TakeOptions {
  knex: Knex;
  order: ApplicationOrder;
  /** of this page: turned round for a page that lies before its cursor */
  direction: 'asc' | 'desc';
  cursor?: Cursor;
  /** without conditions on the verdict where the order is the verdict's */
  narrow: Narrow;
  /** the verdicts that are meant; undefined = all */
  verdicts?: number[];
  limit: number;
}

/** A stretch of the order: rows without a value come after all that have one. */
type Stretch = 'valued' | 'null';

/**
 * The first places after the cursor, each stretch by a walk along an index that
 * ends as soon as the page is full: at most three statements, whatever the
 * number of rows.
 */
export async function takeInOrder(options: TakeOptions): Promise<Place[]> {
  const { cursor, limit, order } = options;
  const backward = cursor?.backward ?? false;
  const stretches: Stretch[] =
    order.by === 'reference' ? ['null'] : ['valued', 'null'];
  if (backward) {
    stretches.reverse();
  }
  const at = cursor && (cursor.value === null ? 'null' : 'valued');
  const places: Place[] = [];
  if (cursor && order.by === 'verdict') {
    places.push(...(await withinVerdict(options, cursor)));
  }
  for (const stretch of stretches.slice(at ? stretches.indexOf(at) : 0)) {
    if (places.length < limit) {
      const rest = limit - places.length;
      const from = stretch === at ? cursor : undefined;
      const walk = order.by === 'verdict' ? walkVerdicts : walkApplications;
      places.push(...(await walk({ ...options, limit: rest }, stretch, from)));
    }
  }
  return places;
}

/** The cursor of a place, for the page after or before it. */
export function cursorAt(
  place: Place,
  order: ApplicationOrder,
  query: { orderBy: OrderField; order: 'asc' | 'desc' },
  backward: boolean,
): string {
  return formatCursor({
    ...query,
    backward,
    value: place.value,
    repository: place.repository,
    tag: place.tag,
    ...(order.by === 'verdict' && { verdict: place.verdict_id }),
  });
}

/** What is left of the verdict that the cursor's application has. */
async function withinVerdict(
  options: TakeOptions,
  cursor: Cursor,
): Promise<Place[]> {
  const { knex, narrow, direction, limit, verdicts } = options;
  if (verdicts && !verdicts.includes(cursor.verdict!)) {
    return [];
  }
  const rows: Place[] = await narrow(knex('application'))
    .where('application.verdict_id', cursor.verdict!)
    .whereRaw(beyond(direction, ['repository', 'tag']), [
      cursor.repository,
      cursor.tag,
    ])
    .orderBy(by(['application.repository', 'application.tag'], direction))
    .limit(limit)
    .select(PLACE);
  return rows.map(row => ({ ...row, value: cursor.value }));
}

async function walkApplications(
  options: TakeOptions,
  stretch: Stretch,
  from: Cursor | undefined,
): Promise<Place[]> {
  const { knex, narrow, direction, limit, order } = options;
  const rows = narrow(knex('application'));
  const keys = ['repository', 'tag'];
  const after: Array<string | number> = from ? [from.repository, from.tag] : [];
  if (order.by === 'application' && stretch === 'null') {
    rows.whereNull(`application.${order.column}`);
  } else if (order.by === 'application') {
    rows.whereNotNull(`application.${order.column}`);
    keys.unshift(order.column);
    after.unshift(...(from ? [from.value!] : []));
  }
  if (from) {
    rows.whereRaw(beyond(direction, keys), after);
  }
  const valued = keys.length > 2;
  return rows
    .orderBy(
      by(
        keys.map(key => `application.${key}`),
        direction,
      ),
    )
    .limit(limit)
    .select(
      ...PLACE,
      valued
        ? `application.${order.column} as value`
        : knex.raw('NULL as value'),
    );
}

/**
 * Verdict by verdict in their order, and of each its applications by name. The
 * databases are told to go that way: they would sort all applications.
 */
async function walkVerdicts(
  options: TakeOptions,
  stretch: Stretch,
  from: Cursor | undefined,
): Promise<Place[]> {
  const { knex, narrow, direction, limit, order, verdicts } = options;
  const chosen = knex('verdict').select('id', `${order.column} as value`);
  if (verdicts) {
    chosen.whereIn('id', verdicts);
  }
  if (stretch === 'null') {
    chosen.whereNull(order.column);
  } else {
    chosen.whereNotNull(order.column);
  }
  const sign = direction === 'asc' ? '>' : '<';
  if (from && stretch === 'valued') {
    chosen.whereRaw(`(??, id) ${sign} (?, ?)`, [
      order.column,
      from.value!,
      from.verdict!,
    ]);
  } else if (from) {
    chosen.where('id', sign, from.verdict!);
  }
  // Sorted already here, for PostgreSQL to see that it may stop
  chosen.orderBy(by([order.column, 'id'], direction));
  const own = narrow(knex('application'))
    .whereRaw('application.verdict_id = chosen.id')
    .select(PLACE);
  const names = by(['application.repository', 'application.tag'], direction);
  const joined = isPostgres(knex)
    ? knex.raw('? AS chosen CROSS JOIN LATERAL ? AS application', [
        knex.raw('(?)', [chosen]),
        knex.raw('(?)', [own.orderBy(names).limit(limit)]),
      ])
    : undefined;
  const rows: Knex.QueryBuilder = joined
    ? knex.from(joined as never)
    : narrow(
        knex.from(
          knex.raw('(?) AS chosen CROSS JOIN application', [chosen]) as never,
        ),
      ).whereRaw('application.verdict_id = chosen.id');
  return rows
    .orderBy([...by(['chosen.value', 'chosen.id'], direction), ...names])
    .limit(limit)
    .select([...PLACE, 'chosen.value as value']);
}

function beyond(direction: 'asc' | 'desc', keys: string[]): string {
  const names = keys.map(key => `application.${key}`).join(', ');
  return `(${names}) ${direction === 'asc' ? '>' : '<'} (${keys
    .map(() => '?')
    .join(', ')})`;
}

function by(columns: string[], order: 'asc' | 'desc') {
  return columns.map(column => ({ column, order }));
}
