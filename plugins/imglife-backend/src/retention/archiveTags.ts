import { createHash } from 'node:crypto';
import { formatRepository } from '@imglife/oci';
import type { RepositoryName } from '../definitions/Definitions';

const DIGITS = 12;
const MAX_TAG = 128;
const MAX_REPOSITORY = 255;

/**
 * Where the copy of a repository is kept: under the archive by the path that
 * it has, so that `registry/bases/alpine` is `registry/archive/bases/alpine`;
 * with its host before it where that is another. A path too long for a
 * registry ends in its hash.
 *
 * @param repository - what is archived
 */
export function archiveRepository(
  to: RepositoryName,
  repository: RepositoryName,
): RepositoryName {
  const host =
    repository.registry === to.registry
      ? ''
      : `${repository.registry.replace(/[^a-z0-9.]+/g, '-')}/`;
  const path = `${to.repository}/${host}${repository.repository}`;
  const hash = createHash('sha256')
    .update(formatRepository(repository))
    .digest('hex')
    .slice(0, DIGITS);
  return {
    registry: to.registry,
    repository:
      path.length > MAX_REPOSITORY ? `${to.repository}/${hash}` : path,
  };
}

/**
 * The tags that a copy may have in the archive, the first that is free or has
 * that digest: its own, else that with the start of the digest, since the
 * archive may hold another image that had the same tag before.
 */
export function archiveTags(tag: string, digest: string): [string, string] {
  const start = digest.slice(digest.indexOf(':') + 1).slice(0, DIGITS);
  return [tag, `${tag.slice(0, MAX_TAG - DIGITS - 1)}-${start}`];
}
