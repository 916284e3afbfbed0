import type { Knex } from 'knex';
import type { ImageDigestTable } from './tables';

/**
 * The tag of a mirror or base that got a digest last, its own or a child's, for
 * every digest that it ever had.
 *
 * @param repository - `host/path`
 */
export async function tagOfDigest(
  knex: Knex,
  repository: string,
  digest: string,
): Promise<string | undefined> {
  const row = await knex<ImageDigestTable>('image_digest')
    .where({ repository, digest })
    .orderBy('published_at', 'desc')
    .first('tag');
  return row?.tag;
}
