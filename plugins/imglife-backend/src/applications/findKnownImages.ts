import type { Knex } from 'knex';
import type { ImageDigestTable } from '../database/tables';
import type { KnownImageQuery } from './ApplicationStore';
import type { KnownImage } from './baseCandidates';

type KnownRow = ImageDigestTable & {
  upstream_repository: string | null;
  upstream_tag: string | null;
};

/**
 * The rows of the chain index that any of the chains, digests and references
 * meets, oldest first. One query.
 */
export async function findKnownImages(
  knex: Knex,
  query: KnownImageQuery,
): Promise<KnownImage[]> {
  const { chainIds, digests, references } = query;
  const rows: KnownRow[] = await knex('image_digest')
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
    )
    .orderBy('image_digest.id');
  return rows.map(toKnownImage);
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
    source: row.source ?? undefined,
    revision: row.revision ?? undefined,
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
