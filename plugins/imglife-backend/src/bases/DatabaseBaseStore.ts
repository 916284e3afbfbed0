import {
  parseTag,
  type Withdrawal,
} from '@imglife/backstage-plugin-imglife-common';
import type { ResolvedImage } from '@imglife/oci';
import type { Knex } from 'knex';
import { recordImageDigests } from '../database/imageDigests';
import type {
  BaseTagTable,
  BuildTable,
  MirrorTagTable,
} from '../database/tables';
import type {
  BaseStore,
  BaseTag,
  BaseTagIdentity,
  BuildAttempt,
} from './BaseStore';
import { baseVersionKey } from './baseTag';
import type { MirrorTag } from './planBuilds';

const UNLESS_WITHDRAWN =
  "case when base_tag.withdrawal is null then ? else 'withdrawn' end";

function toMirrorTag(row: MirrorTagTable): MirrorTag {
  return {
    repository: row.repository,
    tag: row.tag,
    family: row.family,
    versionKey: row.version_key,
    digest: row.digest ?? '',
    platforms: JSON.parse(row.platforms),
    imageCreated: row.image_created ?? undefined,
    product: row.product ?? undefined,
    cycle: row.cycle ?? undefined,
    osProduct: row.os_product ?? undefined,
    osCycle: row.os_cycle ?? undefined,
  };
}

function sourcesOf({ template, args }: BaseTagTable) {
  return template !== null && args !== null
    ? { template, args: JSON.parse(args) }
    : undefined;
}

function toBaseTag(row: BaseTagTable): BaseTag {
  const { digest, input_hash: inputHash, inputs } = row;
  return {
    repository: row.repository,
    tag: row.tag,
    upstreamTag: row.upstream_version,
    coreVersion: row.core_version,
    versionKey: row.version_key,
    state: row.state,
    error: row.error ?? undefined,
    digest: digest ?? undefined,
    withdrawal: row.withdrawal ? JSON.parse(row.withdrawal) : undefined,
    published:
      digest && inputHash && inputs
        ? {
            digest,
            inputHash,
            inputs: JSON.parse(inputs),
            sources: sourcesOf(row),
          }
        : undefined,
  };
}

function identityColumns(identity: BaseTagIdentity) {
  const { mirror, coreVersion } = identity;
  return {
    name: identity.name,
    kind: identity.kind,
    owner: identity.owner ?? null,
    repository: identity.repository,
    tag: identity.tag,
    family: parseTag(mirror.tag).family,
    upstream_version: mirror.tag,
    core_version: coreVersion,
    version_key: baseVersionKey(mirror.tag, coreVersion),
    product: mirror.product ?? null,
    cycle: mirror.cycle ?? null,
    os_product: mirror.osProduct ?? null,
    os_cycle: mirror.osCycle ?? null,
  };
}

function buildRow(
  identity: BaseTagIdentity,
  attempt: BuildAttempt,
  outcome: Pick<BuildTable, 'state' | 'digest' | 'error'>,
): Omit<BuildTable, 'id'> {
  return {
    repository: identity.repository,
    tag: identity.tag,
    input_hash: attempt.inputHash,
    inputs: JSON.stringify(attempt.inputs ?? {}),
    dockerfile: attempt.dockerfile,
    mirror_digest: identity.mirror.digest,
    reasons: JSON.stringify(attempt.reasons),
    changes: JSON.stringify(attempt.changes),
    builder: attempt.builder,
    run_id: attempt.runId,
    actor: attempt.actor,
    started_at: attempt.startedAt,
    finished_at: attempt.finishedAt,
    ...outcome,
  };
}

function publishedColumns(
  identity: BaseTagIdentity,
  attempt: BuildAttempt,
  image: ResolvedImage,
) {
  const { mirror } = identity;
  return {
    ...identityColumns(identity),
    digest: image.descriptor.digest,
    platforms: JSON.stringify(image.images.map(({ platform }) => platform)),
    mirror_reference: `${mirror.repository}:${mirror.tag}`,
    mirror_digest: mirror.digest,
    input_hash: attempt.inputHash,
    inputs: JSON.stringify(attempt.inputs),
    reasons: JSON.stringify(attempt.reasons),
    changes: JSON.stringify(attempt.changes),
    template: attempt.sources?.template ?? null,
    args: attempt.sources ? JSON.stringify(attempt.sources.args) : null,
    image_created: image.images[0]?.config.created ?? null,
    pending: null,
    state: 'published',
    error: null,
    built_at: attempt.finishedAt,
  };
}

/** {@link BaseStore} on `base_tag`, `build`, `image_digest` and `mirror_tag`. */
export class DatabaseBaseStore implements BaseStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): DatabaseBaseStore {
    return new DatabaseBaseStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  async mirrorTags(mirror: string, repository: string): Promise<MirrorTag[]> {
    const rows = await this.#knex<MirrorTagTable>('mirror_tag')
      .where({ mirror, repository, selected: true })
      .whereNotNull('digest')
      .orderBy('tag');
    return rows.map(toMirrorTag);
  }

  async baseTags(repository: string): Promise<BaseTag[]> {
    const rows = await this.#knex<BaseTagTable>('base_tag')
      .where({ repository })
      .orderBy('tag');
    return rows.map(toBaseTag);
  }

  async baseTag(repository: string, tag: string): Promise<BaseTag | undefined> {
    const row = await this.#knex<BaseTagTable>('base_tag')
      .where({ repository, tag })
      .first();
    return row && toBaseTag(row);
  }

  async recordWithdrawn(
    repository: string,
    tag: string,
    withdrawal: Withdrawal,
  ): Promise<void> {
    await this.#knex<BaseTagTable>('base_tag')
      .where({ repository, tag })
      .update({
        state: 'withdrawn',
        error: null,
        withdrawal: JSON.stringify(withdrawal),
      });
  }

  async describe(
    repository: string,
    definition: { kind: string; owner?: string },
  ): Promise<boolean> {
    const { kind, owner } = definition;
    const changed = await this.#knex<BaseTagTable>('base_tag')
      .where({ repository })
      .andWhere(differs =>
        differs
          .whereNot({ kind })
          .orWhereRaw("coalesce(owner, '') <> ?", [owner ?? '']),
      )
      .update({ kind, owner: owner ?? null });
    return changed > 0;
  }

  async recordPublished(
    identity: BaseTagIdentity,
    attempt: BuildAttempt,
    image: ResolvedImage,
  ): Promise<void> {
    const { repository, tag, name } = identity;
    const { inputHash, finishedAt } = attempt;
    const { digest } = image.descriptor;
    const columns = publishedColumns(identity, attempt, image);
    await this.#knex.transaction(async trx => {
      await trx<BaseTagTable>('base_tag')
        .insert({ ...columns, published_at: finishedAt })
        .onConflict(['repository', 'tag'])
        .merge({
          ...columns,
          // a row that only ever failed has none yet
          published_at: trx.raw(
            'coalesce(base_tag.published_at, excluded.published_at)',
          ),
          // it may have been taken back while it was built
          state: trx.raw(UNLESS_WITHDRAWN, ['published']),
        });
      await trx<BuildTable>('build').insert(
        buildRow(identity, attempt, {
          state: 'succeeded',
          digest,
          error: null,
        }),
      );
      await recordImageDigests(trx, {
        tier: 'bases',
        name,
        repository,
        tag,
        image,
        inputHash,
        publishedAt: finishedAt,
      });
    });
  }

  async recordFailed(
    identity: BaseTagIdentity,
    attempt: BuildAttempt,
    error: string,
  ): Promise<void> {
    const outcome = { state: 'failed', error } as const;
    await this.#knex.transaction(async trx => {
      await trx<BaseTagTable>('base_tag')
        .insert({
          ...identityColumns(identity),
          mirror_reference: `${identity.mirror.repository}:${identity.mirror.tag}`,
          mirror_digest: identity.mirror.digest,
          ...outcome,
        })
        .onConflict(['repository', 'tag'])
        .merge({ ...outcome, state: trx.raw(UNLESS_WITHDRAWN, ['failed']) });
      await trx<BuildTable>('build').insert(
        buildRow(identity, attempt, { ...outcome, digest: null }),
      );
    });
  }

  async recordBlocked(
    repository: string,
    tag: string,
    error: string,
  ): Promise<void> {
    await this.#knex<BaseTagTable>('base_tag')
      .where({ repository, tag })
      .whereNull('withdrawal')
      .update({ state: 'blocked', error });
  }

  async recordUnchanged(repository: string, tag: string): Promise<void> {
    await this.#knex<BaseTagTable>('base_tag')
      .where({ repository, tag })
      .whereNull('withdrawal')
      .update({ state: 'published', error: null });
  }
}
