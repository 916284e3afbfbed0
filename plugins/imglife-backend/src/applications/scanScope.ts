import { formatRepository } from '@imglife/oci';
import type { Definitions, RepositoryName } from '../definitions/Definitions';
import { matchesGlob } from './matchesGlob';

/**
 * The tier of our own images that a repository lies in; undefined: neither.
 *
 * @param repository - `host/path`
 */
export function ownTierOf(
  repository: string,
  tiers: Pick<Definitions['tiers'], 'mirrors' | 'bases'>,
): 'mirrors' | 'bases' | undefined {
  return (['mirrors', 'bases'] as const).find(tier =>
    isBelow(formatRepository(tiers[tier]), repository),
  );
}

/**
 * Whether a repository lies on the application paths (`tiers.applications`):
 * below a prefix, or as a glob says; what lies below the mirrors and bases does
 * not.
 *
 * @param repository - `host/path`
 */
export function isApplicationPath(
  repository: string,
  tiers: Definitions['tiers'],
): boolean {
  return (
    ownTierOf(repository, tiers) === undefined &&
    tiers.applications.some(pattern =>
      pattern.includes('*')
        ? matchesGlob(pattern, repository)
        : isBelow(pattern, repository),
    )
  );
}

function isBelow(prefix: string, repository: string): boolean {
  return repository === prefix || repository.startsWith(`${prefix}/`);
}

/** The hosts that application paths lie on. */
export function applicationHosts(tiers: Definitions['tiers']): string[] {
  return [
    ...new Set(tiers.applications.map(pattern => pattern.split('/', 1)[0])),
  ];
}

/** The application paths that may be repositories themselves: those without `*`. */
export function namedRepositories(tiers: Definitions['tiers']): string[] {
  return tiers.applications.filter(pattern => !pattern.includes('*'));
}

/** Host and path of `host/path`. */
export function splitRepository(repository: string): RepositoryName {
  const slash = repository.indexOf('/');
  return {
    registry: repository.slice(0, slash),
    repository: repository.slice(slash + 1),
  };
}
