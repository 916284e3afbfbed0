import type { Exemption } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type {
  ApplicationTable,
  BaseUseTable,
  VerdictTable,
} from '../database/tables';
import type { NewRegistration } from './ApplicationStore';
import { currentApplications } from './currentApplications';

// SQLite binds at most 32,766 variables in a statement
const CHUNK = 1_000;

/** Whether the database is PostgreSQL. */
export function isPostgres(knex: Knex): boolean {
  return knex.client.config.client === 'pg';
}

/**
 * Registrations of one repository follow one another, since each chooses the
 * current rows among all of them. SQLite has one writer anyhow.
 */
export async function lockRepository(
  trx: Knex,
  repository: string,
): Promise<void> {
  if (isPostgres(trx)) {
    await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [
      `imglife application ${repository}`,
    ]);
  }
}

/** What a registration needs to know of the row it finds. */
export interface StoredRow {
  id: number;
  isNew: boolean;
  factsHash: string;
  isGone: boolean;
  discovered: boolean;
}

/** The row of that image, made when there is none. */
export async function ensureRow(
  trx: Knex,
  registration: NewRegistration,
  hash: string,
): Promise<StoredRow> {
  const { repository, tag } = registration.facts;
  const inserted = await trx<ApplicationTable>('application')
    .insert(columns(registration, hash))
    .onConflict(['repository', 'tag'])
    .ignore()
    .returning('id');
  const row = await trx<ApplicationTable>('application')
    .where({ repository, tag })
    .first('id', 'facts_hash', 'state', 'discovered');
  return {
    id: row!.id,
    isNew: inserted.length > 0,
    factsHash: row!.facts_hash,
    isGone: row!.state === 'gone',
    discovered: Boolean(row!.discovered),
  };
}

/** The columns of an application row, as registered. */
export function columns(registration: NewRegistration, hash: string) {
  const { facts, mapping, actor, now } = registration;
  return {
    repository: facts.repository,
    tag: facts.tag,
    digest: facts.digest ?? null,
    platforms: JSON.stringify(facts.platforms),
    base_reference: facts.base?.reference ?? null,
    base_digest: facts.base?.digest ?? null,
    base_name: facts.base?.name ?? null,
    base_version: facts.base?.version ?? null,
    detection: JSON.stringify(facts.detection),
    squashed: facts.squashed ?? false,
    state: 'current',
    discovered: registration.discovered ?? false,
    revision: facts.revision ?? null,
    project: facts.project ?? null,
    declared_entity_ref: facts.declaredEntityRef ?? null,
    entity_ref: mapping.entityRef ?? null,
    owner: mapping.owner ?? null,
    fields: JSON.stringify(facts.fields),
    facts_hash: hash,
    built_at: facts.builtAt ?? null,
    registered_at: now.toISOString(),
    registered_by: actor,
  };
}

/** The verdict of what the image stands on, made when there is none. */
export async function ensureVerdict(
  trx: Knex,
  registration: Pick<NewRegistration, 'use' | 'exemption' | 'now'>,
): Promise<{ id: number; isNew: boolean }> {
  const at = registration.now.toISOString();
  const { reference, digest, tier } = registration.use;
  await trx<BaseUseTable>('base_use')
    .insert({ reference, digest, tier, created_at: at })
    .onConflict(['reference', 'digest'])
    .ignore();
  const use = await trx<BaseUseTable>('base_use')
    .where({ reference, digest })
    .first('id');
  const exemption = exemptionKey(registration.exemption);
  const inserted = await trx<VerdictTable>('verdict')
    .insert({ base_use_id: use!.id, exemption, since: at })
    .onConflict(['base_use_id', 'exemption'])
    .ignore()
    .returning('id');
  const verdict = await trx<VerdictTable>('verdict')
    .where({ base_use_id: use!.id, exemption })
    .first('id');
  return { id: verdict!.id, isNew: inserted.length > 0 };
}

/** What a verdict's column `exemption` holds; empty = none. */
export function exemptionKey(exemption: Exemption | undefined): string {
  return exemption
    ? JSON.stringify({ until: exemption.until, reason: exemption.reason })
    : '';
}

/** Chooses the current rows of a repository. */
export async function chooseCurrent(
  trx: Knex,
  repository: string,
  rule: Pick<NewRegistration, 'current' | 'now'>,
): Promise<void> {
  const rows = await trx<ApplicationTable>('application')
    .where({ repository })
    .whereIn('state', ['current', 'earlier'])
    .select('id', 'tag', 'built_at', 'registered_at', 'state');
  const current = currentApplications(
    rows.map(row => ({
      id: row.id,
      tag: row.tag,
      builtAt: row.built_at,
      registeredAt: row.registered_at,
    })),
    rule.current,
    rule.now,
  );
  for (const state of ['current', 'earlier']) {
    await setState(
      trx,
      rows.filter(
        row =>
          row.state !== state && current.has(row.id) === (state === 'current'),
      ),
      state,
    );
  }
}

/** Gives these rows that state. */
export async function setState(
  trx: Knex,
  rows: Array<{ id: number }>,
  state: string,
): Promise<void> {
  const ids = rows.map(({ id }) => id);
  for (let start = 0; start < ids.length; start += CHUNK) {
    await trx<ApplicationTable>('application')
      .whereIn('id', ids.slice(start, start + CHUNK))
      .update({ state });
  }
}
