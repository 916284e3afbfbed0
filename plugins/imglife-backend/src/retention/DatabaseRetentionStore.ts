import type { Tier } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type {
  ApplicationTable,
  BaseTagTable,
  DefinitionTable,
  ImageDigestTable,
  MirrorTagTable,
  RemovalTable,
  RunTable,
} from '../database/tables';
import type { NewRemoval, RetentionStore, StoredTag } from './RetentionStore';
import { fromApplication, fromBase, fromMirror } from './storedTags';
import { readUsage } from './readUsage';

const TABLES = {
  mirrors: 'mirror_tag',
  bases: 'base_tag',
  applications: 'application',
} as const;

/** What the row of a removed tag says. */
const REMOVED: Record<Tier, Record<string, unknown>> = {
  mirrors: {
    digest: null,
    upstream_digest: null,
    selected: false,
    state: 'removed',
    error: null,
  },
  bases: {
    digest: null,
    input_hash: null,
    inputs: null,
    state: 'removed',
    error: null,
  },
  // as a scan would find it
  applications: { state: 'gone' },
};

/** {@link RetentionStore} over the tables of all tiers, and `removal`. */
export class DatabaseRetentionStore implements RetentionStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): DatabaseRetentionStore {
    return new DatabaseRetentionStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  async usageFacts(): ReturnType<RetentionStore['usageFacts']> {
    const scan = await this.#knex<RunTable>('run')
      .where({ kind: 'scan', dry_run: false })
      .whereIn('state', ['succeeded', 'failed'])
      .whereNotNull('finished_at')
      .orderBy('finished_at', 'desc')
      .first('state', 'finished_at', 'error');
    const published = await this.#knex<BaseTagTable>('base_tag')
      .whereNotNull('digest')
      .count({ count: '*' })
      .first();
    // one is enough to know that there are any
    const current = await this.#knex<ApplicationTable>('application')
      .where({ state: 'current' })
      .first('id');
    return {
      publishedBases: Number(published?.count ?? 0),
      currentApplications: current ? 1 : 0,
      lastScan: scan && {
        succeeded: scan.state === 'succeeded',
        finishedAt: scan.finished_at!,
        error: scan.error ?? undefined,
      },
    };
  }

  usage(): ReturnType<RetentionStore['usage']> {
    return readUsage(this.#knex);
  }

  async isSynced(mirror: string): Promise<boolean> {
    const declared = await this.#knex<DefinitionTable>('definition')
      .where({ kind: 'mirror', name: mirror })
      .first('since');
    const run =
      declared &&
      (await this.#knex<RunTable>('run')
        .whereIn('kind', ['sync', 'verify'])
        .where({ state: 'succeeded', dry_run: false })
        .where('started_at', '>=', declared.since)
        .where(either => either.where({ target: mirror }).orWhereNull('target'))
        .first('id'));
    return run !== undefined;
  }

  async applicationRepositories(): Promise<string[]> {
    const rows = await this.#knex<ApplicationTable>('application')
      .where({ state: 'earlier' })
      .distinct('repository')
      .orderBy('repository');
    return rows.map(({ repository }) => repository);
  }

  async tags(
    tier: Tier,
    name: string,
    repository: string,
  ): Promise<StoredTag[]> {
    const restored = await this.#restoredAt(repository);
    const digests = await this.#digests(repository);
    const known = { restored, digests };
    switch (tier) {
      case 'mirrors':
        return (
          await this.#knex<MirrorTagTable>('mirror_tag')
            .where({ repository, mirror: name })
            .whereNotNull('digest')
            .orderBy('tag')
        ).map(row => fromMirror(row, known));
      case 'bases':
        return (
          await this.#knex<BaseTagTable>('base_tag')
            .where({ repository, name })
            .whereNotNull('digest')
            .orderBy('tag')
        ).map(row => fromBase(row, known));
      default:
        return (
          await this.#knex<ApplicationTable>('application')
            .where({ repository })
            .whereIn('state', ['current', 'earlier'])
            .whereNotNull('digest')
            .orderBy('tag')
        ).map(row => fromApplication(row, known));
    }
  }

  async recordRemoval(removal: NewRemoval): Promise<boolean> {
    const { tier, name, repository, tag, reason, archiveReference } = removal;
    return this.#knex.transaction(async trx => {
      const changed = await trx(TABLES[tier])
        .where({ id: tag.id, digest: tag.digest })
        .modify(row => {
          if (tier === 'applications') {
            row.where({ state: 'earlier' });
          }
        })
        .update(REMOVED[tier]);
      if (!changed) {
        return false;
      }
      await trx<RemovalTable>('removal').insert({
        tier,
        name,
        repository,
        tag: tag.tag,
        digest: tag.digest,
        reason,
        cleared: JSON.stringify(tag.cleared),
        archive_reference: archiveReference ?? null,
        run_id: removal.runId,
        actor: removal.actor,
        at: removal.at,
      });
      return true;
    });
  }

  async archived(): Promise<RemovalTable[]> {
    return this.#knex<RemovalTable>('removal')
      .whereNotNull('archive_reference')
      .whereNull('archive_removed_at')
      .orderBy('at');
  }

  async recordArchiveRemoved(ids: number[], at: string): Promise<void> {
    await this.#knex<RemovalTable>('removal')
      .whereIn('id', ids)
      .update({ archive_removed_at: at });
  }

  async findArchived(
    repository: string,
    tag: string,
  ): Promise<RemovalTable | undefined> {
    return this.#knex<RemovalTable>('removal')
      .where({ repository, tag })
      .whereNotNull('archive_reference')
      .whereNull('archive_removed_at')
      .orderBy('id', 'desc')
      .first();
  }

  async recordRestored(
    removal: RemovalTable,
    { actor, at }: { actor: string; at: string },
  ): Promise<void> {
    const { tier, repository, tag } = removal;
    await this.#knex.transaction(async trx => {
      const row = trx(TABLES[tier]).where({ repository, tag });
      if (tier === 'applications') {
        row.where({ state: 'gone' });
      } else {
        row.whereNull('digest');
      }
      await row.update(JSON.parse(removal.cleared));
      await trx<RemovalTable>('removal')
        .where({ id: removal.id })
        .update({ restored_at: at, restored_by: actor });
    });
  }

  /** When tags were last brought back. */
  async #restoredAt(repository: string): Promise<Map<string, string>> {
    const rows = await this.#knex<RemovalTable>('removal')
      .where({ repository })
      .whereNotNull('restored_at')
      .orderBy('restored_at')
      .select('tag', 'restored_at');
    return new Map(rows.map(row => [row.tag, row.restored_at!]));
  }

  async #digests(repository: string): Promise<Map<string, string[]>> {
    const rows = await this.#knex<ImageDigestTable>('image_digest')
      .where({ repository })
      .select('tag', 'root_digest', 'digest');
    const digests = new Map<string, string[]>();
    for (const row of rows) {
      const known = digests.get(row.tag);
      if (known) {
        known.push(row.digest, row.root_digest);
      } else {
        digests.set(row.tag, [row.digest, row.root_digest]);
      }
    }
    return digests;
  }
}
