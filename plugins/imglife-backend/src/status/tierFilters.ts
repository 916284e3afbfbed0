import { InputError } from '@backstage/errors';
import {
  absentFilters,
  baseStates,
  mirrorStates,
  type OrderField,
  type Tier,
  type TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { whereJoinedHas, whereReferenceHas } from '../database/searchText';
import { splitReference } from './taggedReference';

/** Filters of rows that carry their judgement themselves: mirrors, bases. */
export function judgedFilters(
  rows: Knex.QueryBuilder,
  table: string,
  query: TierQuery,
): Knex.QueryBuilder {
  if (query.search) {
    whereReferenceHas(rows, table, query.search);
  }
  if (query.reference) {
    whereReferenceIs(rows, table, query.reference);
  }
  for (const key of ['status', 'support', 'state'] as const) {
    if (query[key]) {
      rows.where(`${table}.${key}`, query[key]);
    }
  }
  return productAndCycle(rows, query);
}

/** Whether {@link applicationFilters} would narrow anything. */
export function hasApplicationFilter(query: TierQuery): boolean {
  const { search, reference, owner, entityRef, project, owned } = query;
  return Boolean(
    search || reference || owner || entityRef || project || owned !== undefined,
  );
}

/**
 * Filters of applications' own columns; their verdicts are filtered apart.
 *
 * @param part - of the search, joined: it is looked up in the index
 */
export function applicationFilters(
  rows: Knex.QueryBuilder,
  query: TierQuery,
  part?: string,
): Knex.QueryBuilder {
  if (part) {
    whereJoinedHas(rows, 'application', part);
  }
  if (query.search) {
    whereReferenceHas(rows, 'application', query.search);
  }
  if (query.reference) {
    whereReferenceIs(rows, 'application', query.reference);
  }
  if (query.owner) {
    rows.where('application.owner', query.owner);
  }
  if (query.entityRef) {
    rows.where(
      'application.entity_ref',
      query.entityRef.toLocaleLowerCase('en-US'),
    );
  }
  if (query.project) {
    rows.where('application.project', query.project);
  }
  if (query.owned !== undefined) {
    rows[query.owned ? 'whereNotNull' : 'whereNull']('application.owner');
  }
  return rows;
}

function whereReferenceIs(
  rows: Knex.QueryBuilder,
  table: string,
  reference: string,
): void {
  const [repository, tag] = splitReference(reference);
  rows.where({ [`${table}.repository`]: repository, [`${table}.tag`]: tag });
}

/** Mirrors the rules select, and others while something is wrong with them. */
export function shownMirrors(rows: Knex.QueryBuilder): Knex.QueryBuilder {
  return rows.where(where =>
    where
      .where(wanted =>
        wanted.where('selected', true).where('state', '<>', 'removed'),
      )
      .orWhereNotIn('state', ['current', 'removed']),
  );
}

/** Rows of a product or cycle: the image's own, or that of its OS. */
export function productAndCycle<T extends Knex.QueryBuilder>(
  rows: T,
  query: TierQuery,
): T {
  const { product, cycle } = query;
  if (!product && !cycle) {
    return rows;
  }
  // either the product's own cycle or the one of the OS below it
  rows.where((either: Knex.QueryBuilder) =>
    either
      .where({ ...(product && { product }), ...(cycle && { cycle }) })
      .orWhere({
        ...(product && { os_product: product }),
        ...(cycle && { os_cycle: cycle }),
      }),
  );
  return rows;
}

/**
 * The column that an order stands for; undefined for `reference`.
 *
 * @throws InputError - the tier has no such order
 */
export function orderColumn(
  tier: string,
  query: TierQuery,
  columns: Partial<Record<OrderField, string>>,
): string | undefined {
  const orderBy = query.orderBy ?? 'reference';
  const column = columns[orderBy];
  if (orderBy !== 'reference' && !column) {
    throw new InputError(
      `orderBy: ${tier} are ordered by reference, ${Object.keys(columns).join(
        ', ',
      )}, not by ${orderBy}`,
    );
  }
  return column;
}

const statesOf: Partial<Record<Tier, readonly string[]>> = {
  mirrors: mirrorStates,
  bases: baseStates,
};

/** @throws InputError - a filter or state that the tier does not have is given */
export function refuseFilters(tier: Tier, query: TierQuery): void {
  const given = absentFilters[tier].find(filter => query[filter] !== undefined);
  if (given) {
    throw new InputError(`${given}: the ${tier} have no such filter`);
  }
  const states = statesOf[tier];
  if (query.state && states && !states.includes(query.state)) {
    throw new InputError(
      `state: ${tier} are ${states.join(', ')}, not ${query.state}`,
    );
  }
}
