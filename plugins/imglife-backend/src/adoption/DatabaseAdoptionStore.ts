import { parseTag, versionKey } from '@imglife/backstage-plugin-imglife-common';
import type { ResolvedImage } from '@imglife/oci';
import type { Knex } from 'knex';
import { baseVersionKey } from '../bases/baseTag';
import { recordImageDigests } from '../database/imageDigests';
import type {
  BaseTagTable,
  MirrorTagTable,
  RunTable,
} from '../database/tables';
import type {
  AdoptedBaseTag,
  AdoptedMirrorTag,
  AdoptionStore,
} from './AdoptionStore';

const INPUT_HASH_LABEL = 'io.imglife.input-hash';
// Reproducible builds write the epoch; there was no image before Docker 0.1
const FIRST_IMAGES = '2013-03-20';

/** What is known of an adopted base that a failed build did not know. */
const ADOPTED_COLUMNS = [
  'digest',
  'platforms',
  'input_hash',
  'reasons',
  'state',
  'error',
  'published_at',
  'built_at',
] as const;

/** What is known of an adopted mirror tag that a row without an image did not know. */
const ADOPTED_MIRROR_COLUMNS = [
  'digest',
  'media_type',
  'platforms',
  'size_bytes',
  'image_created',
  'state',
  'error',
] as const;

/** {@link AdoptionStore} over `mirror_tag`, `base_tag` and `image_digest`. */
export class DatabaseAdoptionStore implements AdoptionStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): DatabaseAdoptionStore {
    return new DatabaseAdoptionStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  async isBusy(
    kind: 'sync' | 'verify' | 'build',
    target: string,
  ): Promise<boolean> {
    const run = await this.#knex<RunTable>('run')
      .where({ kind, dry_run: false })
      .whereIn('state', ['queued', 'running'])
      .where(either => either.where({ target }).orWhereNull('target'))
      .first('id');
    return run !== undefined;
  }

  async recordedTags(repository: string): Promise<Set<string>> {
    const rows = await Promise.all(
      ['mirror_tag', 'base_tag'].map(table =>
        this.#knex(table)
          .where({ repository })
          // a build that met a tag of before us has failed, and knows nothing
          .whereNotNull('digest')
          .select('tag'),
      ),
    );
    return new Set(rows.flat().map(({ tag }) => tag));
  }

  async recordedDigest(
    repository: string,
    tag: string,
  ): Promise<string | undefined> {
    for (const table of ['mirror_tag', 'base_tag']) {
      const row = await this.#knex(table)
        .where({ repository, tag })
        .whereNotNull('digest')
        .first('digest');
      if (row) {
        return row.digest;
      }
    }
    return undefined;
  }

  async adoptMirrorTag(adopted: AdoptedMirrorTag): Promise<void> {
    const { mirror, repository, tag, image, at } = adopted;
    const parsed = parseTag(tag);
    const created = createdOf(image);
    await this.#knex.transaction(async trx => {
      await trx<MirrorTagTable>('mirror_tag')
        .insert({
          mirror,
          repository,
          tag,
          version: parsed.version ?? null,
          version_key: versionKey(parsed),
          family: parsed.family,
          digest: image.descriptor.digest,
          media_type: image.descriptor.mediaType,
          upstream_repository: adopted.upstreamRepository,
          upstream_tag: tag,
          platforms: platformsOf(image),
          size_bytes: image.sizeBytes,
          image_created: created ?? null,
          state: 'current',
          error: null,
          // the rules of the mirror say whether it is wanted, at its next sync
          selected: false,
        })
        .onConflict(['repository', 'tag'])
        // a copy that failed, or was removed, and is there by other hands now
        .merge([...ADOPTED_MIRROR_COLUMNS])
        .whereNull('mirror_tag.digest');
      await recordImageDigests(trx, {
        tier: 'mirrors',
        name: mirror,
        repository,
        tag,
        image,
        publishedAt: created ?? at,
      });
    });
  }

  async adoptBaseTag(adopted: AdoptedBaseTag): Promise<void> {
    const { name, repository, tag, image, at, source, cycles } = adopted;
    const publishedAt = createdOf(image) ?? at;
    const inputHash = image.images
      .map(each => each.config.config?.Labels?.[INPUT_HASH_LABEL])
      .find(hash => hash);
    await this.#knex.transaction(async trx => {
      await trx<BaseTagTable>('base_tag')
        .insert({
          name,
          kind: adopted.kind,
          owner: adopted.owner ?? null,
          repository,
          tag,
          family: parseTag(adopted.upstreamTag).family,
          upstream_version: adopted.upstreamTag,
          core_version: adopted.coreVersion,
          version_key: baseVersionKey(adopted.upstreamTag, adopted.coreVersion),
          digest: image.descriptor.digest,
          platforms: platformsOf(image),
          mirror_reference: source ?? null,
          input_hash: inputHash ?? null,
          reasons: JSON.stringify(['adopted']),
          state: 'published',
          error: null,
          published_at: publishedAt,
          built_at: publishedAt,
          product: cycles.product ?? null,
          cycle: cycles.cycle ?? null,
          os_product: cycles.osProduct ?? null,
          os_cycle: cycles.osCycle ?? null,
        })
        .onConflict(['repository', 'tag'])
        .merge([...ADOPTED_COLUMNS])
        .whereNull('base_tag.digest');
      await recordImageDigests(trx, {
        tier: 'bases',
        name,
        repository,
        tag,
        image,
        inputHash,
        publishedAt,
      });
    });
  }
}

function platformsOf(image: ResolvedImage): string {
  return JSON.stringify(image.images.map(({ platform }) => platform));
}

function createdOf(image: ResolvedImage): string | undefined {
  const newest = image.images
    .map(({ config }) => Date.parse(config.created ?? ''))
    .filter(time => time >= Date.parse(FIRST_IMAGES))
    .sort((a, b) => b - a)[0];
  return newest === undefined ? undefined : new Date(newest).toISOString();
}
