import type { Knex } from 'knex';
import type { RegistryContentTable } from '../database/tables';
import type { RepositoryName } from '../definitions/Definitions';

// SQLite binds at most 32,766 variables in a statement
const CHUNK = 1_000;

/** Keeps that a repository has these manifests and blobs. */
export async function recordContent(
  knex: Knex,
  { registry, repository }: RepositoryName,
  digests: string[],
): Promise<void> {
  const rows = [...new Set(digests)].map(digest => ({
    registry,
    digest,
    repository,
  }));
  for (let start = 0; start < rows.length; start += CHUNK) {
    await knex<RegistryContentTable>('registry_content')
      .insert(rows.slice(start, start + CHUNK))
      .onConflict(['registry', 'digest', 'repository'])
      .ignore();
  }
}

/**
 * Repositories of a registry that were brought these, by digest. Two of each
 * at most: half of all images stand on the same few layers.
 */
export async function findContent(
  knex: Knex,
  registry: string,
  digests: string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (let start = 0; start < digests.length; start += CHUNK) {
    const rows: Array<{ digest: string; first: string; last: string }> =
      await knex<RegistryContentTable>('registry_content')
        .where({ registry })
        .whereIn('digest', digests.slice(start, start + CHUNK))
        .groupBy('digest')
        .select('digest')
        .min('repository as first')
        .max('repository as last');
    for (const { digest, first, last } of rows) {
      found.set(digest, [...new Set([first, last])]);
    }
  }
  return found;
}
