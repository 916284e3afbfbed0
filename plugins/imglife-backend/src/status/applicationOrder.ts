import type { OrderField } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { isPostgres } from '../applications/applicationRows';
import { idList } from '../database/idList';
import { Cursor, formatCursor } from './cursor';

const NAME = ['application.repository', 'application.tag'];

/**
 * Where an application stands in the order of a page. No more than what the
 * indexes have: so few of its columns are read from the table itself.
 */
export interface Place {
  repository: string;
  tag: string;
  /** of the sort column; null sorts last in both directions */
  value: string | number | null;
  /** where the order is the verdict's */
  verdict_id?: number;
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
    .orderBy(by(NAME, direction))
    .limit(limit)
    .select(...NAME, 'application.verdict_id');
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
      ...NAME,
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
    chosen.whereRaw(`id IN ${idList(verdicts)}`);
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
    .select(...NAME, 'application.verdict_id');
  const names = by(NAME, direction);
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
    .select(...NAME, 'application.verdict_id', 'chosen.value as value');
}

/**
 * The first places by name after the cursor, whichever of these verdicts they
 * have: the first of each verdict, merged. PostgreSQL; one statement, which
 * reads no more than a page of each.
 *
 * @param split - applications that are meant whatever their verdict
 */
export async function takeOfVerdicts(
  options: TakeOptions & { verdicts: number[]; split: number[] },
): Promise<Place[]> {
  const { knex, narrow, direction, limit, cursor, verdicts, split } = options;
  const first = (rows: Knex.QueryBuilder) => {
    if (cursor) {
      rows.whereRaw(beyond(direction, ['repository', 'tag']), [
        cursor.repository,
        cursor.tag,
      ]);
    }
    return rows.orderBy(by(NAME, direction)).limit(limit).select(NAME);
  };
  const ofVerdict = first(
    narrow(knex('application')).whereRaw('application.verdict_id = chosen.id'),
  );
  const rows = knex
    .from(
      knex.raw('(?) AS chosen CROSS JOIN LATERAL (?) AS application', [
        knex('verdict')
          .whereRaw(`id IN ${idList(verdicts)}`)
          .select('id'),
        ofVerdict,
      ]) as never,
    )
    .select(NAME);
  if (split.length) {
    const ofSplit = narrow(knex('application')).whereRaw(
      `application.id IN ${idList(split)}`,
    );
    rows.union(knex.raw('(?)', [first(ofSplit)]));
  }
  const places: Array<Pick<Place, 'repository' | 'tag'>> = await rows
    .orderBy(by(['repository', 'tag'], direction))
    .limit(limit);
  return places.map(place => ({ ...place, value: null }));
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
