import type { Knex } from 'knex';
import type { BaseTagTable } from '../database/tables';
import { isPostgres } from './applicationRows';

/** How many current applications stand on each base, by `host/path:tag`. */
export type UsedBases = ReadonlyMap<string | null, number>;

/**
 * Counts what current applications stand on, also by single platforms. One
 * query.
 *
 * @param repository - only its applications; default all
 */
export async function usedBases(
  knex: Knex,
  repository?: string,
): Promise<UsedBases> {
  const current = {
    'application.state': 'current',
    ...(repository !== undefined && { 'application.repository': repository }),
  };
  const counted = knex('application')
    .where(current)
    .groupBy('verdict_id')
    .select('verdict_id')
    .count({ count: '*' })
    .as('counted');
  // what other platforms stand on is used too
  const others = knex('application_platform')
    .join(
      'application',
      'application.id',
      'application_platform.application_id',
    )
    .where(current)
    .whereRaw(
      "coalesce(application_platform.base_reference, '') <> coalesce(application.base_reference, '')",
    )
    .groupBy('application_platform.base_reference')
    .select('application_platform.base_reference as reference')
    .countDistinct({ count: 'application.id' });
  const rows: Array<{ reference: string | null; count: number | string }> =
    await knex(counted)
      .join('verdict', 'verdict.id', 'counted.verdict_id')
      .join('base_use', 'base_use.id', 'verdict.base_use_id')
      .select('base_use.reference as reference', 'counted.count as count')
      .unionAll(others);
  const used = new Map<string | null, number>();
  for (const { reference, count } of rows) {
    used.set(reference, (used.get(reference) ?? 0) + Number(count));
  }
  return used;
}

/**
 * Changes the applications of one repository and keeps the counts of the bases
 * in step with them, in the same transaction: nothing has to be counted again,
 * however many applications there are.
 *
 * @returns `usesChanged`: whether some base is used now that was not, or no
 *   longer, so that it is to be judged anew
 */
export async function countingUses<T>(
  trx: Knex,
  repository: string,
  change: () => Promise<T>,
): Promise<{ result: T; usesChanged: boolean }> {
  const before = await usedBases(trx, repository);
  const result = await change();
  const after = await usedBases(trx, repository);
  let usesChanged = false;
  // Always in this order, for no two to wait for one another
  for (const reference of [
    ...new Set([...before.keys(), ...after.keys()]),
  ].sort()) {
    const more = (after.get(reference) ?? 0) - (before.get(reference) ?? 0);
    if (more !== 0 && reference) {
      usesChanged = (await addUses(trx, reference, more)) || usesChanged;
    }
  }
  return { result, usesChanged };
}

/**
 * Holds the rows of bases that are about to be written, in the order in which
 * registrations hold them. SQLite has one writer anyhow.
 *
 * @param ids - undefined: all
 */
export async function lockBases(trx: Knex, ids?: number[]): Promise<void> {
  if (isPostgres(trx)) {
    const rows = trx<BaseTagTable>('base_tag').select('id').forUpdate();
    if (ids) {
      rows.whereIn('id', ids);
    }
    // `C`, as JavaScript sorts and as both columns are collated
    await rows.orderByRaw("(repository || ':' || tag)");
  }
}

/** @returns whether it is the first or was the last */
async function addUses(
  trx: Knex,
  reference: string,
  more: number,
): Promise<boolean> {
  const colon = reference.lastIndexOf(':');
  const rows = await trx<BaseTagTable>('base_tag')
    .where({
      repository: reference.slice(0, colon),
      tag: reference.slice(colon + 1),
    })
    .update({
      used_by: trx.raw(
        'CASE WHEN used_by + ? < 0 THEN 0 ELSE used_by + ? END',
        [more, more],
      ) as unknown as number,
    })
    .returning('used_by');
  return rows.some(({ used_by: now }) => now === 0 || now === more);
}
