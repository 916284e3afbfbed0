import type {
  Page,
  Transition,
  TransitionQuery,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { z } from 'zod';
import { cursorInteger, readCursor, writeCursor } from '../database/readCursor';
import type { TransitionTable } from '../database/tables';
import { whereBase, type BaseFilter } from './baseFilter';

const DEFAULT_LIMIT = 50;
const COUNT_LIMIT = 10_000;
const cursorSchema = z.tuple([
  z.literal('transition'),
  cursorInteger,
  // whether the page lies before that one: its rows are newer
  z.literal([0, 1]),
]);

type NamedTransition = TransitionTable & { name: string | null };

/** Reads the changes of verdicts, newest first. */
export class TransitionReader {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): TransitionReader {
    return new TransitionReader(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * @param base - what the query's `base` means
   * @throws InputError - the cursor is none of this list's
   */
  async list(
    query: TransitionQuery,
    base?: BaseFilter,
  ): Promise<Page<Transition>> {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const filtered = this.#knex('transition');
    if (base) {
      filtered.whereIn(
        'transition.verdict_id',
        whereBase(
          this.#knex('verdict').join(
            'base_use',
            'base_use.id',
            'verdict.base_use_id',
          ),
          base,
        ).select('verdict.id'),
      );
    }
    const [, at, before] = query.cursor
      ? readCursor(query.cursor, cursorSchema)
      : [];
    const page = filtered
      .clone()
      .leftJoin('verdict', 'verdict.id', 'transition.verdict_id')
      .select('transition.*', 'verdict.name as name')
      .orderBy('transition.id', before ? 'asc' : 'desc')
      .limit(limit + 1);
    if (at !== undefined) {
      page.where('transition.id', before ? '>' : '<', at);
    }
    const found: NamedTransition[] = await page;
    const shown = found.slice(0, limit);
    if (before) {
      shown.reverse();
    }
    const total = await this.#count(filtered);
    const users = await this.#users(shown);
    return {
      items: shown.map(row =>
        toTransition(row, users.get(row.verdict_id) ?? 0),
      ),
      totalItems: Math.min(total, COUNT_LIMIT),
      ...(total > COUNT_LIMIT && { totalIsLowerBound: true }),
      pageInfo: pageInfoOf(shown, {
        at,
        before: before === 1,
        hasMore: found.length > limit,
      }),
    };
  }

  async #count(filtered: Knex.QueryBuilder): Promise<number> {
    const [{ count }] = await this.#knex
      .from(
        filtered
          .clone()
          .select('transition.id')
          .limit(COUNT_LIMIT + 1)
          .as('capped'),
      )
      .count<Array<{ count: number | string }>>({ count: '*' });
    return Number(count);
  }

  /** How many current applications share each of the verdicts now. */
  async #users(rows: NamedTransition[]): Promise<Map<number, number>> {
    const counts = await this.#knex('application')
      .where('state', 'current')
      .whereIn('verdict_id', [...new Set(rows.map(row => row.verdict_id))])
      .groupBy('verdict_id')
      .select('verdict_id as id')
      .count<Array<{ id: number; count: number | string }>>({ count: '*' });
    return new Map(counts.map(({ id, count }) => [id, Number(count)]));
  }
}

function toTransition(row: NamedTransition, applications: number): Transition {
  return {
    id: row.id,
    base: row.reference,
    name: row.name,
    from: {
      status: row.from_status as Transition['from']['status'],
      freshness: row.from_freshness as Transition['from']['freshness'],
    },
    to: {
      status: row.to_status as Transition['to']['status'],
      freshness: row.to_freshness as Transition['to']['freshness'],
    },
    cause: row.cause,
    at: row.at,
    applications,
  };
}

/** Where the pages after and before these rows begin. */
function pageInfoOf(
  shown: NamedTransition[],
  page: { at: number | undefined; before: boolean; hasMore: boolean },
): Page<Transition>['pageInfo'] {
  if (!shown.length) {
    return {};
  }
  const hasNext = page.before || page.hasMore;
  const hasPrevious = page.before ? page.hasMore : page.at !== undefined;
  return {
    ...(hasNext && {
      nextCursor: writeCursor(['transition', shown.at(-1)!.id, 0]),
    }),
    ...(hasPrevious && {
      prevCursor: writeCursor(['transition', shown[0].id, 1]),
    }),
  };
}
