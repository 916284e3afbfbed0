import type {
  ApplicationRow,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { whereBase, type BaseFilter } from './baseFilter';
import {
  toApplicationRow,
  type JoinedApplication,
  type JoinedPlatform,
} from './rowMappers';

/**
 * Applications one of whose platforms stands on the base, product or cycle that
 * is asked for, also where their row shows another: ids. Status, freshness and
 * support are those of the row. One query, and none without such a filter.
 */
export async function splitApplications(
  knex: Knex,
  query: TierQuery,
  base: BaseFilter | undefined,
): Promise<number[]> {
  const { status, freshness, support, product, cycle } = query;
  if (!product && !cycle && !base) {
    return [];
  }
  const rows = knex('application_platform')
    .join('verdict', 'verdict.id', 'application_platform.verdict_id')
    .distinct('application_platform.application_id as id');
  const shown = Object.entries({ status, freshness, support }).filter(
    ([, value]) => value,
  );
  if (shown.length) {
    rows
      .join(
        'application',
        'application.id',
        'application_platform.application_id',
      )
      .join('verdict as shown', 'shown.id', 'application.verdict_id');
    shown.forEach(([column, value]) => rows.where(`shown.${column}`, value!));
  }
  if (base) {
    rows.join('base_use', 'base_use.id', 'verdict.base_use_id');
    whereBase(rows, base);
  }
  if (product || cycle) {
    rows.where(either => {
      for (const os of ['', 'os_']) {
        either.orWhere({
          ...(product && { [`verdict.${os}product`]: product }),
          ...(cycle && { [`verdict.${os}cycle`]: cycle }),
        });
      }
    });
  }
  return (await rows).map((row: { id: number }) => row.id);
}

/** Rows as the table shows them, with what their platforms stand on. */
export async function withPlatforms(
  knex: Knex,
  rows: JoinedApplication[],
): Promise<ApplicationRow[]> {
  const platforms: JoinedPlatform[] = rows.length
    ? await knex('application_platform')
        .join('verdict', 'verdict.id', 'application_platform.verdict_id')
        .whereIn(
          'application_id',
          rows.map(({ id }) => id),
        )
        .orderBy(['application_id', 'position'])
        .select(
          'application_platform.*',
          ...['freshness', 'support', 'eol_date', 'status', 'violations'].map(
            column => `verdict.${column} as ${column}`,
          ),
        )
    : [];
  const byApplication = new Map<number, JoinedPlatform[]>();
  for (const platform of platforms) {
    const id = platform.application_id;
    byApplication.set(id, [...(byApplication.get(id) ?? []), platform]);
  }
  return rows.map(row => toApplicationRow(row, byApplication.get(row.id)));
}
