import { NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { ApplicationTable } from '../database/tables';
import { tagOfDigest } from '../database/tagOfDigest';

/**
 * A reference with its tag: as given, or else the newest that has the digest.
 *
 * @param reference - `host/path[:tag]`, canonical
 * @throws NotFoundError - no image of ours has that digest
 */
export async function taggedReference(
  knex: Knex,
  reference: string,
  digest: string | undefined,
): Promise<string> {
  const [repository, tag] = splitReference(reference);
  if (tag || !digest) {
    return reference;
  }
  const found =
    (await tagOfDigest(knex, repository, digest)) ??
    (await tagOfApplication(knex, repository, digest));
  if (!found) {
    throw new NotFoundError(
      `reference: no mirror, base or application ${repository} is known by ${digest}`,
    );
  }
  return `${repository}:${found}`;
}

/** Repository and tag of `host/path[:tag]`; no tag is an empty one. */
export function splitReference(reference: string): [string, string] {
  const colon = reference.lastIndexOf(':');
  return colon > reference.lastIndexOf('/')
    ? [reference.slice(0, colon), reference.slice(colon + 1)]
    : [reference, ''];
}

async function tagOfApplication(
  knex: Knex,
  repository: string,
  digest: string,
): Promise<string | undefined> {
  const row = await knex<ApplicationTable>('application')
    .where({ repository, digest })
    .orderBy('registered_at', 'desc')
    .first('tag');
  return row?.tag;
}
