import type { PlatformImage, ResolvedImage } from '@imglife/oci';
import type { Knex } from 'knex';
import type { ImageDigestTable } from './tables';

/** What a mirror or base tag pointed at when it was recorded. */
export interface RecordedImage {
  tier: 'mirrors' | 'bases';
  /** name of the definition */
  name: string;
  /** `host/path` */
  repository: string;
  tag: string;
  image: Pick<ResolvedImage, 'descriptor' | 'images'>;
  /** of a base */
  inputHash?: string;
  /** ISO 8601 UTC */
  publishedAt: string;
}

/**
 * Adds the root digest and every child of an image to the chain index. Known
 * rows stay as they are, so that a repeat changes nothing.
 *
 * @param trx - the transaction that also writes the tag's row
 */
export async function recordImageDigests(
  trx: Knex,
  recorded: RecordedImage,
): Promise<void> {
  const { descriptor, images } = recorded.image;
  const common = {
    tier: recorded.tier,
    name: recorded.name,
    repository: recorded.repository,
    tag: recorded.tag,
    root_digest: descriptor.digest,
    input_hash: recorded.inputHash ?? null,
    published_at: recorded.publishedAt,
  };
  const rows: Array<Omit<ImageDigestTable, 'id'>> = images.map(image => ({
    ...common,
    digest: image.digest,
    platform: image.platform,
    chain_id: image.chainId ?? null,
    layers: image.diffIds.length,
    source: labelOf(image, 'source'),
    revision: labelOf(image, 'revision'),
  }));
  if (!rows.some(row => row.digest === descriptor.digest)) {
    rows.push({
      ...common,
      digest: descriptor.digest,
      platform: '',
      chain_id: null,
      layers: 0,
      source: null,
      revision: null,
    });
  }
  await trx<ImageDigestTable>('image_digest')
    .insert(rows)
    .onConflict(['repository', 'tag', 'root_digest', 'digest', 'platform'])
    .ignore();
}

/** OCI image-spec annotations.md; builders write them as labels too. */
function labelOf(
  image: PlatformImage,
  name: 'source' | 'revision',
): string | null {
  return (
    image.config.config?.Labels?.[`org.opencontainers.image.${name}`] ?? null
  );
}
