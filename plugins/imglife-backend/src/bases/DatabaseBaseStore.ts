import type { Withdrawal } from '@imglife/backstage-plugin-imglife-common';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import type { ResolvedImage } from '@imglife/oci';
import type { Knex } from 'knex';
import { recordImageDigests } from '../database/imageDigests';
import type {
  BaseContextTable,
  BaseTagTable,
  BuildTable,
  FloatingTagTable,
  MirrorTagTable,
} from '../database/tables';
import type {
  BaseStore,
  BaseTag,
  BaseTagIdentity,
  BuildAttempt,
} from './BaseStore';
import { baseSourceTags, sourceReference } from './baseSourceTags';
import {
  buildRow,
  identityColumns,
  publishedColumns,
  toBaseTag,
  toMirrorTag,
} from './baseRows';
import { recordContext } from './contextRows';
import { hashContext } from './inputHash';
import { unpackContext } from './packContext';
import type { MirrorTag } from './planBuilds';

/** Most repositories that one statement names. */
const MAX_NAMED = 500;
const UNLESS_WITHDRAWN =
  "case when base_tag.withdrawal is null then ? else 'withdrawn' end";

/** Columns of a tag that is not built, which leave alone what is published. */
async function recordUnbuilt(
  knex: Knex,
  identity: BaseTagIdentity,
  outcome: { state: 'failed' | 'blocked'; error: string },
): Promise<void> {
  await knex<BaseTagTable>('base_tag')
    .insert({
      ...identityColumns(identity),
      mirror_reference: sourceReference(identity.mirror),
      mirror_digest: identity.mirror.digest,
      ...outcome,
    })
    .onConflict(['repository', 'tag'])
    .merge({ ...outcome, state: knex.raw(UNLESS_WITHDRAWN, [outcome.state]) });
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

  async publishedTags(
    repository: string,
    pinned?: string,
  ): Promise<MirrorTag[]> {
    const rows = await this.#knex<BaseTagTable>('base_tag')
      .where({ repository })
      .whereNotNull('digest')
      .whereNull('withdrawal')
      .orderBy('tag');
    return baseSourceTags(rows, pinned);
  }

  async floatingTags(
    repositories: ReadonlyArray<string>,
  ): Promise<Map<string, Map<string, string>>> {
    const rows = await this.#rowsOf<FloatingTagTable>(
      'floating_tag',
      repositories,
    );
    const found = new Map(
      repositories.map(each => [each, new Map<string, string>()]),
    );
    for (const { repository, tag, digest } of rows) {
      found.get(repository)!.set(tag, digest);
    }
    return found;
  }

  async recordFloating(
    repository: string,
    moved: { tag: string; baseTag: string; digest: string; at: string },
  ): Promise<void> {
    const { tag, baseTag, digest, at } = moved;
    await this.#knex<FloatingTagTable>('floating_tag')
      .insert({ repository, tag, base_tag: baseTag, digest, moved_at: at })
      .onConflict(['repository', 'tag'])
      .merge();
  }

  async baseTags(
    repositories: ReadonlyArray<string>,
  ): Promise<Map<string, BaseTag[]>> {
    const rows = await this.#rowsOf<BaseTagTable>('base_tag', repositories);
    const found = new Map(
      repositories.map(each => [each, new Array<BaseTag>()]),
    );
    for (const row of rows) {
      found.get(row.repository)!.push(toBaseTag(row));
    }
    return found;
  }

  async context(hash: string): Promise<ContextFile[] | undefined> {
    const row = await this.#knex<BaseContextTable>('base_context')
      .where({ hash })
      .first();
    const files = row && (await unpackContext(row.content));
    return files && (await hashContext(files)) === hash ? files : undefined;
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
    bases: ReadonlyArray<{ repository: string; kind: string; owner?: string }>,
  ): Promise<boolean> {
    const rows = await this.#rowsOf<BaseTagTable>(
      'base_tag',
      bases.map(({ repository }) => repository),
    );
    const changed = bases.filter(({ repository, kind, owner = null }) =>
      rows.some(
        row =>
          row.repository === repository &&
          (row.kind !== kind || row.owner !== owner),
      ),
    );
    for (const { repository, kind, owner = null } of changed) {
      await this.#knex<BaseTagTable>('base_tag')
        .where({ repository })
        .update({ kind, owner });
    }
    return changed.length > 0;
  }

  /** Every row of the repositories, in order of their tags. */
  async #rowsOf<T extends object>(
    table: string,
    repositories: ReadonlyArray<string>,
  ): Promise<T[]> {
    const rows: T[] = [];
    for (let at = 0; at < repositories.length; at += MAX_NAMED) {
      const named = repositories.slice(at, at + MAX_NAMED);
      rows.push(
        ...(await this.#knex(table)
          .whereIn('repository', named)
          .orderBy('tag')),
      );
    }
    return rows;
  }

  async recordPublished(
    identity: BaseTagIdentity,
    attempt: BuildAttempt,
    image: ResolvedImage,
    { onceSince }: { onceSince: string },
  ): Promise<boolean> {
    const { repository, tag, name } = identity;
    const { inputHash, finishedAt } = attempt;
    const { digest } = image.descriptor;
    const columns = publishedColumns(identity, attempt, image);
    return this.#knex.transaction(async trx => {
      // locks the row, so that of two at once the second sees the first's build
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
      const build = buildRow(identity, attempt, {
        state: 'succeeded',
        digest,
        error: null,
      });
      const last = await trx<BuildTable>('build')
        .where({ repository, tag, state: 'succeeded' })
        .orderBy('id', 'desc')
        .first('digest', 'input_hash', 'finished_at');
      if (
        last?.digest === digest &&
        last.input_hash === inputHash &&
        last.finished_at >= onceSince
      ) {
        return false;
      }
      await trx<BuildTable>('build').insert(build);
      await recordContext(trx, attempt.context, finishedAt);
      await recordImageDigests(trx, {
        tier: 'bases',
        name,
        repository,
        tag,
        image,
        inputHash,
        publishedAt: finishedAt,
      });
      return true;
    });
  }

  async recordFailed(
    identity: BaseTagIdentity,
    attempt: BuildAttempt,
    error: string,
  ): Promise<void> {
    const outcome = { state: 'failed', error } as const;
    await this.#knex.transaction(async trx => {
      await recordUnbuilt(trx, identity, outcome);
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

  async recordAwaited(identity: BaseTagIdentity, error: string): Promise<void> {
    await recordUnbuilt(this.#knex, identity, { state: 'blocked', error });
  }

  async forgetUnpublished(
    followed: ReadonlyMap<string, ReadonlySet<string>>,
  ): Promise<boolean> {
    const unpublished = () =>
      this.#knex<BaseTagTable>('base_tag')
        .where({ used_by: 0 })
        .whereNull('digest')
        .whereNull('withdrawal')
        // was published once, and whoever still names it is to be told so
        .where('state', '<>', 'removed');
    const gone = (await unpublished().select('id', 'repository', 'tag'))
      .filter(({ repository, tag }) => {
        const tags = followed.get(repository);
        return tags !== undefined && !tags.has(tag);
      })
      .map(({ id }) => id);
    // asked again: one may have been reported meanwhile
    return (
      gone.length > 0 && (await unpublished().whereIn('id', gone).del()) > 0
    );
  }

  async recordUnchanged(repository: string, tag: string): Promise<void> {
    await this.#knex<BaseTagTable>('base_tag')
      .where({ repository, tag })
      .whereNull('withdrawal')
      .update({ state: 'published', error: null });
  }
}
