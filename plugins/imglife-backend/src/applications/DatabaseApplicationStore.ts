import type { Exemption } from '@imglife/backstage-plugin-imglife-common';
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type {
  ApplicationTable,
  BaseUseTable,
  ImageDigestTable,
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
import { currentTags } from './currentApplications';
import type { ImageMapping } from './EntityMapper';

// SQLite binds at most 32,766 variables in a statement
const CHUNK = 1_000;

type KnownRow = ImageDigestTable & {
  upstream_repository: string | null;
  upstream_tag: string | null;
};

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
    const { chainIds, digests, references } = query;
    const rows: KnownRow[] = await this.#knex('image_digest')
      .leftJoin('mirror_tag', join =>
        join
          .on('mirror_tag.repository', 'image_digest.repository')
          .andOn('mirror_tag.tag', 'image_digest.tag'),
      )
      .where(where => {
        where
          .whereIn('image_digest.chain_id', chainIds)
          .orWhereIn('image_digest.digest', digests);
        for (const { repository, tag } of references) {
          where.orWhere({
            'image_digest.repository': repository,
            ...(tag && { 'image_digest.tag': tag }),
          });
        }
      })
      .select(
        'image_digest.*',
        'mirror_tag.upstream_repository as upstream_repository',
        'mirror_tag.upstream_tag as upstream_tag',
      );
    return rows.map(toKnownImage);
  }

  async register(
    registration: NewRegistration,
  ): Promise<{ created: boolean; usesChanged: boolean }> {
    const hash = factsHash(registration.facts);
    return this.#knex.transaction(async trx => {
      const before = await lockRow(trx, registration, hash);
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
      await chooseCurrent(trx, registration);
      return { created: true, usesChanged: verdict.isNew };
    });
  }

  async retireBuiltBefore(before: string): Promise<number> {
    return this.#knex<ApplicationTable>('application')
      .where({ state: 'current' })
      .whereRaw('coalesce(built_at, registered_at) < ?', [before])
      .update({ state: 'earlier' });
  }

  async remap(
    map: (image: {
      repository: string;
      project?: string;
      declared?: string;
    }) => ImageMapping,
  ): Promise<number> {
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
        changed += await this.#knex<ApplicationTable>('application')
          .where(group)
          .update({ entity_ref: entityRef, owner });
      }
    }
    return changed;
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

interface LockedRow {
  id: number;
  isNew: boolean;
  factsHash: string;
}

/** The row of that image, made when there is none, held until the commit. */
async function lockRow(
  trx: Knex.Transaction,
  registration: NewRegistration,
  hash: string,
): Promise<LockedRow> {
  const { repository, tag } = registration.facts;
  const inserted = await trx<ApplicationTable>('application')
    .insert(columns(registration, hash))
    .onConflict(['repository', 'tag'])
    .ignore()
    .returning('id');
  const query = trx<ApplicationTable>('application')
    .where({ repository, tag })
    .first();
  const row = await (trx.client.config.client === 'pg'
    ? query.forUpdate()
    : query);
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

/** Chooses the current rows of the registration's repository. */
async function chooseCurrent(
  trx: Knex,
  registration: NewRegistration,
): Promise<void> {
  const rows = await trx<ApplicationTable>('application')
    .where({ repository: registration.facts.repository })
    .whereIn('state', ['current', 'earlier'])
    .select('id', 'tag', 'built_at', 'registered_at', 'state');
  const current = currentTags(
    rows.map(row => ({
      id: row.id,
      tag: row.tag,
      builtAt: row.built_at,
      registeredAt: row.registered_at,
    })),
    registration.current,
    registration.now,
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

function toKnownImage(row: KnownRow): KnownImage {
  return {
    tier: row.tier,
    name: row.name,
    repository: row.repository,
    tag: row.tag,
    rootDigest: row.root_digest,
    digest: row.digest,
    chainId: row.chain_id ?? undefined,
    inputHash: row.input_hash ?? undefined,
    publishedAt: row.published_at,
    ...(row.upstream_repository &&
      row.upstream_tag && {
        upstream: {
          repository: row.upstream_repository,
          tag: row.upstream_tag,
        },
      }),
  };
}

/** Equal facts give equal hashes, whatever the order of keys. */
export function factsHash(facts: ApplicationFacts): string {
  return createHash('sha256').update(canonicalJson(facts)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : part,
  );
}
