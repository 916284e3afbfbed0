import type { Page, TierQuery } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { isPostgres } from '../applications/applicationRows';
import { idList } from '../database/idList';
import {
  cursorAt,
  takeInOrder,
  takeOfVerdicts,
  type ApplicationOrder,
  type Narrow,
  type Place,
  type TakeOptions,
} from './applicationOrder';
import { parseCursor } from './cursor';
import { sortApplications } from './sortApplications';

const DEFAULT_LIMIT = 50;
const COUNT_LIMIT = 10_000;
// All of them, named where that lets an index be used that begins with them
const STATES = ['current', 'earlier', 'gone'];

/** An application on a page. */
export type PlacedReference = Pick<Place, 'repository' | 'tag'>;

/** What {@link applicationPage} reads. */
export interface ApplicationPageOptions {
  knex: Knex;
  query: Pick<TierQuery, 'cursor' | 'limit' | 'orderBy' | 'order'>;
  order: ApplicationOrder;
  /** the filters of their own columns; undefined = none */
  filter?: Narrow;
  /** finding what matches is most of the work: it is counted and sorted at once */
  isCostly?: boolean;
  /** those that are shown; undefined = all */
  states?: string[];
  /** the verdicts that are meant; undefined = all */
  verdicts?: number[];
  /** applications that are meant whatever their verdict */
  split: number[];
  /** how far matches are counted; more than these are not sorted. Default 10,000 */
  countLimit?: number;
}

/**
 * One page of applications by keyset: their references in order. What few match
 * is sorted; where more do than are counted, a walk along the order meets
 * enough of them soon; and of few verdicts a page of each is enough. So neither
 * a rare filter nor a common one reads them all.
 */
export async function applicationPage(
  options: ApplicationPageOptions,
): Promise<Page<PlacedReference>> {
  const { knex, query, order, filter, states, verdicts, split } = options;
  const countLimit = options.countLimit ?? COUNT_LIMIT;
  const limit = query.limit ?? DEFAULT_LIMIT;
  const expected = {
    orderBy: query.orderBy ?? ('reference' as const),
    order: query.order ?? ('asc' as const),
  };
  const cursor = query.cursor
    ? parseCursor(query.cursor, expected, order.by === 'verdict')
    : undefined;
  const backward = cursor?.backward ?? false;
  const narrowed: Narrow = rows => {
    if (states || filter || verdicts) {
      rows.whereIn('application.state', states ?? STATES);
    }
    return filter ? filter(rows) : rows;
  };
  const all: Narrow = rows => withVerdicts(narrowed(rows), verdicts, split);
  const take: TakeOptions = {
    knex,
    order,
    direction: backward === (expected.order === 'asc') ? 'desc' : 'asc',
    cursor,
    narrow: all,
    limit: limit + 1,
  };
  const most = countLimit + 1;
  const early = options.isCostly
    ? await sortApplications(take, most)
    : undefined;
  const total = early?.total ?? (await countCapped(knex, all, most));
  const isFew = total <= countLimit && Boolean(filter || verdicts);
  // a page of each verdict is read, and that is less than what matches
  const isOfFewVerdicts =
    verdicts && !filter && verdicts.length * (limit + 1) < total;
  const ofVerdicts = { ...take, narrow: narrowed, verdicts };
  const canWalkVerdicts = order.by === 'verdict' && !split.length;
  let found: Place[];
  if (isOfFewVerdicts && order.by === 'reference' && isPostgres(knex)) {
    found = await takeOfVerdicts({ ...ofVerdicts, verdicts, split });
  } else if (isFew && !(isOfFewVerdicts && canWalkVerdicts)) {
    found = (early ?? (await sortApplications(take, most))).places;
  } else {
    found = await takeInOrder(canWalkVerdicts ? ofVerdicts : take);
  }
  const hasMore = found.length > limit;
  const places = found.slice(0, limit);
  if (backward) {
    places.reverse();
  }
  const hasNext = backward || hasMore;
  const hasPrevious = backward ? hasMore : cursor !== undefined;
  const at = (place: Place, before: boolean) =>
    cursorAt(place, order, expected, before);
  return {
    items: places.map(({ repository, tag }) => ({ repository, tag })),
    totalItems: Math.min(total, countLimit),
    ...(total > countLimit && { totalIsLowerBound: true }),
    pageInfo: {
      ...(hasNext &&
        places.length && { nextCursor: at(places.at(-1)!, false) }),
      ...(hasPrevious && places.length && { prevCursor: at(places[0], true) }),
    },
  };
}

function withVerdicts(
  rows: Knex.QueryBuilder,
  verdicts: number[] | undefined,
  split: number[],
): Knex.QueryBuilder {
  if (!verdicts) {
    return rows;
  }
  return rows.where(either => {
    either.whereRaw(`application.verdict_id IN ${idList(verdicts)}`);
    if (split.length) {
      either.orWhereRaw(`application.id IN ${idList(split)}`);
    }
  });
}

async function countCapped(
  knex: Knex,
  narrow: Narrow,
  limit: number,
): Promise<number> {
  const [{ count }] = await knex
    .from(
      narrow(knex('application'))
        .select('application.id')
        .limit(limit)
        .as('capped'),
    )
    .count<Array<{ count: number | string }>>({ count: '*' });
  return Number(count);
}
