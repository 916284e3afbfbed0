import type { RegistryClient } from '@imglife/oci';
import type { RepositoryName } from '../definitions/Definitions';

/** The registry hosts that may be contacted, one client per host. */
export interface Registries {
  /**
   * @param host - as in a reference; an alias is resolved
   * @throws InputError - the host is neither listed under `imglife.registries`
   *   nor the source of a mirror; nothing was contacted
   */
  clientFor(host: string): RegistryClient;
  /** Whether that host (or alias) may be contacted. */
  allows(host: string): boolean;
  /** Replaces an alias of a registry by the registry's own name. */
  canonical(name: RepositoryName): RepositoryName;
  close(): Promise<void>;
}
