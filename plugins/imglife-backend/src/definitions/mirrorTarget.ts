import { formatRepository } from '@imglife/oci';
import { canonicalRepository, type NamedRegistry } from './canonicalRepository';
import type { RepositoryName } from './Definitions';

/**
 * The name of a mirror: its path under `tiers.mirrors`, by default the last
 * segment of its source's path.
 */
export function mirrorName(entry: {
  source?: RepositoryName;
  target?: string;
}): string | undefined {
  return entry.target ?? entry.source?.repository.split('/').at(-1);
}

/** A repository below a tier's prefix, with the registry's own name. */
export function repositoryUnder(
  tier: RepositoryName,
  path: string,
  registries: readonly NamedRegistry[],
): RepositoryName {
  return canonicalRepository(
    { registry: tier.registry, repository: `${tier.repository}/${path}` },
    registries,
  );
}

/** Whether two names are one repository once aliases are replaced. */
export function isSameRepository(
  a: RepositoryName,
  b: RepositoryName,
  registries: readonly NamedRegistry[],
): boolean {
  return (
    formatRepository(canonicalRepository(a, registries)) ===
    formatRepository(canonicalRepository(b, registries))
  );
}
