import { parseTag, versionKey } from '@imglife/backstage-plugin-imglife-common';
import { parseRepository } from '@imglife/oci';
import type { Knex } from 'knex';
import { recordImageDigests } from '../database/imageDigests';
import type { MirrorTagTable, PullTable } from '../database/tables';
import type {
  FirstSeen,
  MirrorStore,
  MirrorTagKey,
  MovedTag,
  PulledTag,
} from './MirrorStore';
import { findContent, recordContent } from './registryContent';
import { firstSeen, recordCreated } from './upstreamTags';

// SQLite binds at most 32,766 variables in a statement
const CHUNK = 1_000;

/** {@link MirrorStore} over the tables of mirrored tags, their pulls and contents. */
export class DatabaseMirrorStore implements MirrorStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): DatabaseMirrorStore {
    return new DatabaseMirrorStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  async list(mirror: string): Promise<MirrorTagTable[]> {
    return this.#knex<MirrorTagTable>('mirror_tag').where({ mirror });
  }

  async recordPull(pulled: PulledTag): Promise<void> {
    await this.#knex.transaction(async trx => {
      const before = await this.#lock(trx, pulled);
      const { digest } = pulled.image.descriptor;
      if (before.digest !== digest || pulled.repaired) {
        await trx<PullTable>('pull').insert({
          repository: pulled.repository,
          tag: pulled.tag,
          from_digest: before.digest,
          to_digest: digest,
          bytes: pulled.bytes,
          duration_ms: pulled.durationMs,
          run_id: pulled.runId,
          actor: pulled.actor,
          at: pulled.at,
          notes: JSON.stringify(pulled.notes),
        });
      }
      await trx<MirrorTagTable>('mirror_tag')
        .where({ id: before.id })
        .update(pulledColumns(pulled, before));
      await recordImageDigests(trx, {
        tier: 'mirrors',
        name: pulled.mirror,
        repository: pulled.repository,
        tag: pulled.tag,
        image: pulled.image,
        publishedAt: pulled.at,
      });
      await recordContent(
        trx,
        parseRepository(pulled.repository),
        pulled.image.contents,
      );
    });
  }

  async recordContent(repository: string, digests: string[]): Promise<void> {
    await recordContent(this.#knex, parseRepository(repository), digests);
  }

  async findContent(
    registry: string,
    digests: string[],
  ): Promise<Map<string, string[]>> {
    return findContent(this.#knex, registry, digests);
  }

  async recordFailure(key: MirrorTagKey, error: string): Promise<void> {
    await this.#knex<MirrorTagTable>('mirror_tag')
      .insert({ ...keyColumns(key), state: 'failed', error })
      .onConflict(['repository', 'tag'])
      .merge(['state', 'error']);
  }

  async recordVerified(
    repository: string,
    tags: string[],
    at: string,
  ): Promise<void> {
    await this.#update(repository, tags, {
      verified_at: at,
      state: 'current',
      error: null,
      pending_digest: null,
    });
  }

  async recordMoved(moved: MovedTag): Promise<void> {
    const columns = {
      digest: moved.digest,
      pending_digest: moved.pendingDigest,
      state: 'moved',
      error: `upstream has ${moved.pendingDigest} now; it waits to be accepted`,
    };
    await this.#knex<MirrorTagTable>('mirror_tag')
      .insert({ ...keyColumns(moved), ...columns })
      .onConflict(['repository', 'tag'])
      .merge(['pending_digest', 'state', 'error']);
  }

  async find(
    repository: string,
    tag: string,
  ): Promise<MirrorTagTable | undefined> {
    return this.#knex<MirrorTagTable>('mirror_tag')
      .where({ repository, tag })
      .first();
  }

  async recordAcceptance(
    { repository, tag, digest }: Parameters<MirrorStore['recordAcceptance']>[0],
    { actor, at }: { actor: string; at: string },
  ): Promise<boolean> {
    const changed = await this.#knex<MirrorTagTable>('mirror_tag')
      .where({ repository, tag, pending_digest: digest })
      .update({
        accepted_digest: digest,
        accepted_by: actor,
        accepted_at: at,
      });
    return changed > 0;
  }

  async recordGone(repository: string, tags: string[]): Promise<void> {
    await this.#update(repository, tags, {
      state: 'gone-upstream',
      error: null,
    });
  }

  async firstSeen(
    upstreamRepository: string,
    tags: string[],
    at: string,
  ): Promise<Map<string, FirstSeen>> {
    return firstSeen(this.#knex, { repository: upstreamRepository, tags, at });
  }

  async recordCreated(
    upstreamRepository: string,
    created: ReadonlyMap<string, string>,
  ): Promise<void> {
    await recordCreated(this.#knex, upstreamRepository, created);
  }

  async setSelected(
    mirror: string,
    repository: string,
    selected: ReadonlySet<string>,
  ): Promise<void> {
    const rows = await this.#knex<MirrorTagTable>('mirror_tag')
      .where({ mirror, repository })
      .select('tag', 'selected');
    const changed = rows.filter(
      row => Boolean(row.selected) !== selected.has(row.tag),
    );
    for (const value of [true, false]) {
      await this.#update(
        repository,
        changed.map(row => row.tag).filter(tag => selected.has(tag) === value),
        { selected: value },
      );
    }
  }

  async #update(
    repository: string,
    tags: string[],
    columns: Partial<MirrorTagTable>,
  ): Promise<void> {
    await this.#knex.transaction(async trx => {
      for (let start = 0; start < tags.length; start += CHUNK) {
        await trx<MirrorTagTable>('mirror_tag')
          .where({ repository })
          .whereIn('tag', tags.slice(start, start + CHUNK))
          .update(columns);
      }
    });
  }

  /** The row of that tag, made when there is none, and held until the commit. */
  async #lock(
    trx: Knex.Transaction,
    key: MirrorTagKey,
  ): Promise<MirrorTagTable> {
    await trx<MirrorTagTable>('mirror_tag')
      .insert({ ...keyColumns(key), state: 'current' })
      .onConflict(['repository', 'tag'])
      .ignore();
    const query = trx<MirrorTagTable>('mirror_tag')
      .where({ repository: key.repository, tag: key.tag })
      .first();
    const row = await (trx.client.config.client === 'pg'
      ? query.forUpdate()
      : query);
    return row!;
  }
}

function keyColumns(key: MirrorTagKey) {
  const parsed = parseTag(key.upstreamTag);
  return {
    mirror: key.mirror,
    repository: key.repository,
    tag: key.tag,
    upstream_repository: key.upstreamRepository,
    upstream_tag: key.upstreamTag,
    version: parsed.version ?? null,
    version_key: versionKey(parsed),
    family: parsed.family,
  };
}

function pulledColumns(
  pulled: PulledTag,
  before: MirrorTagTable,
): Partial<MirrorTagTable> {
  const { image, cycles, at } = pulled;
  const moved = before.digest !== image.descriptor.digest;
  const created = image.images
    .map(({ config }) => config.created)
    .filter(instant => instant !== undefined)
    .sort();
  return {
    ...keyColumns(pulled),
    digest: image.descriptor.digest,
    media_type: image.descriptor.mediaType,
    upstream_digest: pulled.upstreamDigest,
    platforms: JSON.stringify(image.images.map(({ platform }) => platform)),
    size_bytes: image.sizeBytes,
    image_created: created.at(-1) ?? null,
    state: 'current',
    error: null,
    pending_digest: null,
    // a move back is a move again, and waits again
    accepted_digest: null,
    wanted_platforms: pulled.wantedPlatforms,
    notes: JSON.stringify(pulled.notes),
    selected: true,
    first_pulled_at: before.first_pulled_at ?? at,
    pulled_at: moved ? at : before.pulled_at ?? at,
    verified_at: at,
    product: cycles.product ?? null,
    cycle: cycles.cycle ?? null,
    os_product: cycles.osProduct ?? null,
    os_cycle: cycles.osCycle ?? null,
  };
}
