import type { Knex } from 'knex';
import type { BaseContextTable } from '../database/tables';
import type { PublishedContext } from './BaseStore';

const KEPT_UNUSED_MS = 24 * 60 * 60 * 1000;

/**
 * Keeps a context for the rows that name it, and drops those that no row has
 * named for a day: one that is being recorded elsewhere is never dropped.
 *
 * @param at - ISO 8601 UTC
 */
export async function recordContext(
  trx: Knex.Transaction,
  context: PublishedContext | undefined,
  at: string,
): Promise<void> {
  if (context?.packed) {
    const { hash, packed: content } = context;
    await trx<BaseContextTable>('base_context')
      .insert({ hash, content, used_at: at })
      .onConflict('hash')
      .merge(['content', 'used_at']);
  }
  const before = new Date(Date.parse(at) - KEPT_UNUSED_MS).toISOString();
  await trx<BaseContextTable>('base_context')
    .where('used_at', '<', before)
    .whereNotExists(
      trx('base_tag')
        .select(trx.raw('1'))
        .where('base_tag.context_hash', trx.ref('base_context.hash')),
    )
    .delete();
}

/** Columns of `base_tag` about the context that it was published with. */
export function contextColumns(context: PublishedContext | undefined) {
  const { hash, packed, revision, committedAt } = context ?? {};
  const commit = { revision, committedAt: committedAt?.toISOString() };
  return {
    context_hash: packed && hash ? hash : null,
    context_commit: revision ?? committedAt ? JSON.stringify(commit) : null,
  };
}
