import type { Knex } from 'knex';
import type { UpstreamTagTable } from '../database/tables';
import type { FirstSeen } from './MirrorStore';

// SQLite binds at most 32,766 variables in a statement
const CHUNK = 1_000;

/** Keeps the tags that are new, and answers since when each is known. */
export async function firstSeen(
  knex: Knex,
  { repository, tags, at }: { repository: string; tags: string[]; at: string },
): Promise<Map<string, FirstSeen>> {
  return knex.transaction(async trx => {
    for (let start = 0; start < tags.length; start += CHUNK) {
      await trx<UpstreamTagTable>('upstream_tag')
        .insert(
          tags
            .slice(start, start + CHUNK)
            .map(tag => ({ repository, tag, first_seen_at: at })),
        )
        .onConflict(['repository', 'tag'])
        .ignore();
    }
    const rows = await trx<UpstreamTagTable>('upstream_tag').where({
      repository,
    });
    return new Map(
      rows.map(row => [
        row.tag,
        {
          firstSeenAt: row.first_seen_at,
          imageCreated: row.image_created ?? undefined,
        },
      ]),
    );
  });
}

/** Keeps when images were made; ISO 8601 by tag. */
export async function recordCreated(
  knex: Knex,
  repository: string,
  created: ReadonlyMap<string, string>,
): Promise<void> {
  const rows = [...created].map(([tag, instant]) => ({
    repository,
    tag,
    first_seen_at: instant,
    image_created: instant,
  }));
  await knex.transaction(async trx => {
    for (let start = 0; start < rows.length; start += CHUNK) {
      await trx<UpstreamTagTable>('upstream_tag')
        .insert(rows.slice(start, start + CHUNK))
        .onConflict(['repository', 'tag'])
        .merge(['image_created']);
    }
  });
}
