import type { Exemption } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type {
  ApplicationTable,
  BaseUseTable,
  RegistrationTable,
  VerdictTable,
} from '../database/tables';
import type {
  ApplicationFacts,
  ApplicationStore,
  KnownImageQuery,
  NewRegistration,
} from './ApplicationStore';
import type { KnownImage } from './baseCandidates';
import { currentApplications } from './currentApplications';
import type { ImageMapping, MappedImage } from './EntityMapper';
import { factsHash } from './factsHash';
import { findKnownImages } from './findKnownImages';

// SQLite binds at most 32,766 variables in a statement
const CHUNK = 1_000;

/** {@link ApplicationStore} over the plugin's tables. */
export class DatabaseApplicationStore implements ApplicationStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): DatabaseApplicationStore {
    return new DatabaseApplicationStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  async findKnownImages(query: KnownImageQuery): Promise<KnownImage[]> {
    return findKnownImages(this.#knex, query);
  }

  async findFacts(
    repository: string,
    tag: string,
  ): Promise<ApplicationFacts | undefined> {
    const row = await this.#knex<RegistrationTable>('registration')
      .where({ repository, tag })
      .orderBy('id', 'desc')
      .first('facts');
    return row && JSON.parse(row.facts);
  }

  async register(
    registration: NewRegistration,
  ): Promise<{ created: boolean; usesChanged: boolean }> {
    const hash = factsHash(registration.facts);
    return this.#knex.transaction(async trx => {
      await lockRepository(trx, registration.facts.repository);
      const before = await ensureRow(trx, registration, hash);
      const verdict = await ensureVerdict(trx, registration);
      if (!before.isNew && before.factsHash === hash) {
        await this.#follow(trx, before.id, verdict.id, registration.mapping);
        return { created: false, usesChanged: verdict.isNew };
      }
      await trx<ApplicationTable>('application')
        .where({ id: before.id })
        .update({ ...columns(registration, hash), verdict_id: verdict.id });
      await trx<RegistrationTable>('registration').insert({
        repository: registration.facts.repository,
        tag: registration.facts.tag,
        facts: JSON.stringify(registration.facts),
        facts_hash: hash,
        registered_at: registration.now.toISOString(),
        registered_by: registration.actor,
      });
      await chooseCurrent(trx, registration.facts.repository, registration);
      return { created: true, usesChanged: verdict.isNew };
    });
  }

  async forget(
    { repository, tag }: { repository: string; tag: string },
    rule: Pick<NewRegistration, 'current' | 'now'>,
  ): Promise<boolean> {
    return this.#knex.transaction(async trx => {
      await lockRepository(trx, repository);
      const removed = await trx<ApplicationTable>('application')
        .where({ repository, tag })
        .delete();
      if (removed) {
        await chooseCurrent(trx, repository, rule);
      }
      return removed > 0;
    });
  }

  async retireBuiltBefore(before: string): Promise<number> {
    return this.#updateFree(
      query =>
        query
          .where({ state: 'current' })
          .whereRaw('coalesce(built_at, registered_at) < ?', [before]),
      { state: 'earlier' },
    );
  }

  async remap(map: (image: MappedImage) => ImageMapping): Promise<number> {
    // As many rows as there are kinds of image, not as there are images
    const groups = await this.#knex<ApplicationTable>('application').distinct(
      'repository',
      'project',
      'declared_entity_ref',
      'entity_ref',
      'owner',
    );
    let changed = 0;
    for (const group of groups) {
      const { entityRef = null, owner = null } = map({
        repository: group.repository,
        project: group.project ?? undefined,
        declared: group.declared_entity_ref ?? undefined,
      });
      if (entityRef !== group.entity_ref || owner !== group.owner) {
        changed += await this.#updateFree(query => query.where(group), {
          entity_ref: entityRef,
          owner,
        });
      }
    }
    return changed;
  }

  /**
   * Updates the rows that no registration holds just now: waiting for one
   * could be a deadlock, and it settles its rows by itself.
   */
  async #updateFree(
    select: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
    values: Partial<ApplicationTable>,
  ): Promise<number> {
    const free = select(this.#knex('application').select('id'));
    return this.#knex('application')
      .whereIn(
        'id',
        isPostgres(this.#knex) ? free.forUpdate().skipLocked() : free,
      )
      .update(values);
  }

  /** What is not a fact may change without a new registration. */
  async #follow(
    trx: Knex,
    id: number,
    verdictId: number,
    mapping: ImageMapping,
  ): Promise<void> {
    await trx<ApplicationTable>('application')
      .where({ id })
      .update({
        verdict_id: verdictId,
        entity_ref: mapping.entityRef ?? null,
        owner: mapping.owner ?? null,
      });
  }
}

function isPostgres(knex: Knex): boolean {
  return knex.client.config.client === 'pg';
}

/**
 * Registrations of one repository follow one another, since each chooses the
 * current rows among all of them. SQLite has one writer anyhow.
 */
async function lockRepository(trx: Knex, repository: string): Promise<void> {
  if (isPostgres(trx)) {
    await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [
      `imglife application ${repository}`,
    ]);
  }
}

/** The row of that image, made when there is none. */
async function ensureRow(
  trx: Knex,
  registration: NewRegistration,
  hash: string,
): Promise<{ id: number; isNew: boolean; factsHash: string }> {
  const { repository, tag } = registration.facts;
  const inserted = await trx<ApplicationTable>('application')
    .insert(columns(registration, hash))
    .onConflict(['repository', 'tag'])
    .ignore()
    .returning('id');
  const row = await trx<ApplicationTable>('application')
    .where({ repository, tag })
    .first('id', 'facts_hash');
  return {
    id: row!.id,
    isNew: inserted.length > 0,
    factsHash: row!.facts_hash,
  };
}

function columns(registration: NewRegistration, hash: string) {
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
    state: 'current',
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

async function ensureVerdict(
  trx: Knex,
  registration: NewRegistration,
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

function exemptionKey(exemption: Exemption | undefined): string {
  return exemption
    ? JSON.stringify({ until: exemption.until, reason: exemption.reason })
    : '';
}

/** Chooses the current rows of a repository. */
async function chooseCurrent(
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
    const ids = rows
      .filter(
        row =>
          row.state !== state && current.has(row.id) === (state === 'current'),
      )
      .map(row => row.id);
    for (let start = 0; start < ids.length; start += CHUNK) {
      await trx<ApplicationTable>('application')
        .whereIn('id', ids.slice(start, start + CHUNK))
        .update({ state });
    }
  }
}
