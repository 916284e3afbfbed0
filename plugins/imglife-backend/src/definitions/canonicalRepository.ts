import type { RegistryDefinition, RepositoryName } from './Definitions';

/** A registry's host and its other names. */
export type NamedRegistry = Pick<RegistryDefinition, 'host' | 'aliases'>;

/**
 * Replaces an alias of a registry by the registry's own name. An alias is a
 * host, or a host with a path that stands for the registry's root (a proxy
 * cache); the longest one that fits counts.
 */
export function canonicalRepository(
  name: RepositoryName,
  registries: readonly NamedRegistry[],
): RepositoryName {
  const full = `${name.registry}/${name.repository}`;
  let best: { alias: string; host: string } | undefined;
  for (const { host, aliases } of registries) {
    for (const alias of aliases) {
      if (
        full.startsWith(`${alias}/`) &&
        alias.length > (best?.alias.length ?? 0)
      ) {
        best = { alias, host };
      }
    }
  }
  return best
    ? { registry: best.host, repository: full.slice(best.alias.length + 1) }
    : name;
}
