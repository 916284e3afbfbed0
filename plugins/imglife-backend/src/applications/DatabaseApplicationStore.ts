import type { Knex } from 'knex';
import type { ApplicationTable, RegistrationTable } from '../database/tables';
import type {
  ApplicationFacts,
  ApplicationStore,
  KnownImageQuery,
  KnownTag,
  NewRegistration,
} from './ApplicationStore';
import {
  chooseCurrent,
  columns,
  ensureRow,
  ensureVerdict,
  isPostgres,
  lockRepository,
  setState,
} from './applicationRows';
import type { KnownImage } from './baseCandidates';
import type { ExemptionDefinition } from '../definitions/Definitions';
import { exemptApplications } from './exemptApplications';
import type { ImageMapping, MappedImage } from './EntityMapper';
import { factsHash } from './factsHash';
import { findKnownImages } from './findKnownImages';
import { recordPlatforms } from './platformRows';
import { countingUses } from './usedBases';

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

  async findProject(repository: string): Promise<string | undefined> {
    const row = await this.#knex<ApplicationTable>('application')
      .where({ repository })
      .whereNotNull('project')
      .orderBy('registered_at', 'desc')
      .first('project');
    return row?.project ?? undefined;
  }

  async register(
    registration: NewRegistration,
  ): Promise<{ created: boolean; usesChanged: boolean }> {
    const hash = factsHash(registration.facts);
    const { repository } = registration.facts;
    return this.#knex.transaction(async trx => {
      await lockRepository(trx, repository);
      const { result, usesChanged } = await countingUses(trx, repository, () =>
        this.#record(trx, registration, hash),
      );
      return { ...result, usesChanged: result.usesChanged || usesChanged };
    });
  }

  async forget(
    { repository, tag }: { repository: string; tag: string },
    rule: Pick<NewRegistration, 'current' | 'now'>,
  ): Promise<boolean> {
    return this.#knex.transaction(async trx => {
      await lockRepository(trx, repository);
      const { result } = await countingUses(trx, repository, async () => {
        await trx('application_platform')
          .whereIn(
            'application_id',
            trx('application').where({ repository, tag }).select('id'),
          )
          .delete();
        const removed = await trx<ApplicationTable>('application')
          .where({ repository, tag })
          .delete();
        if (removed) {
          await chooseCurrent(trx, repository, rule);
        }
        return removed > 0;
      });
      return result;
    });
  }

  async repositories(): Promise<string[]> {
    const rows = await this.#knex<ApplicationTable>('application')
      .distinct('repository')
      .orderBy('repository');
    return rows.map(({ repository }) => repository);
  }

  async tagsOf(repository: string): Promise<KnownTag[]> {
    const rows = await this.#knex<ApplicationTable>('application')
      .where({ repository })
      .select('tag', 'digest', 'discovered', 'detection', 'registered_by');
    return rows.map(row => ({
      tag: row.tag,
      digest: row.digest ?? undefined,
      discovered: Boolean(row.discovered),
      confidence: JSON.parse(row.detection).confidence,
      actor: row.registered_by,
    }));
  }

  async settle(
    repository: string,
    present: ReadonlySet<string>,
    rule: Pick<NewRegistration, 'current' | 'now'>,
  ): Promise<{ gone: string[]; back: string[] }> {
    return this.#knex.transaction(async trx => {
      await lockRepository(trx, repository);
      const rows = await trx<ApplicationTable>('application')
        .where({ repository })
        .select('id', 'tag', 'state');
      const gone = rows.filter(
        row => row.state !== 'gone' && !present.has(row.tag),
      );
      const back = rows.filter(
        row => row.state === 'gone' && present.has(row.tag),
      );
      if (gone.length || back.length) {
        await countingUses(trx, repository, async () => {
          await setState(trx, gone, 'gone');
          await setState(trx, back, 'earlier');
          await chooseCurrent(trx, repository, rule);
        });
      }
      return {
        gone: gone.map(({ tag }) => tag),
        back: back.map(({ tag }) => tag),
      };
    });
  }

  async exempt(exemptions: ExemptionDefinition[], now: Date): Promise<number> {
    return exemptApplications(this.#knex, exemptions, now);
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

  async #record(
    trx: Knex,
    registration: NewRegistration,
    hash: string,
  ): Promise<{ created: boolean; usesChanged: boolean }> {
    const before = await ensureRow(trx, registration, hash);
    const discovered = registration.discovered ?? false;
    if (!before.isNew && discovered && !before.discovered) {
      // what a pipeline has said is not replaced by what a scan sees
      return { created: false, usesChanged: false };
    }
    const verdict = await ensureVerdict(trx, registration);
    const isKnown =
      !before.isNew &&
      !before.isGone &&
      before.factsHash === hash &&
      before.discovered === discovered;
    if (isKnown) {
      await this.#follow(trx, before.id, verdict.id, registration.mapping);
      const isNew =
        registration.facts.platformBases !== undefined &&
        (await recordPlatforms(trx, before.id, registration));
      return { created: false, usesChanged: verdict.isNew || isNew };
    }
    await trx<ApplicationTable>('application')
      .where({ id: before.id })
      .update({ ...columns(registration, hash), verdict_id: verdict.id });
    const isNew = await recordPlatforms(trx, before.id, registration);
    await trx<RegistrationTable>('registration').insert({
      repository: registration.facts.repository,
      tag: registration.facts.tag,
      facts: JSON.stringify(registration.facts),
      facts_hash: hash,
      registered_at: registration.now.toISOString(),
      registered_by: registration.actor,
    });
    await chooseCurrent(trx, registration.facts.repository, registration);
    return { created: true, usesChanged: verdict.isNew || isNew };
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
