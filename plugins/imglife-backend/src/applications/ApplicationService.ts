import type { Registration } from '@imglife/backstage-plugin-imglife-common';

/** Tier 3: what teams built, and on what. */
export interface ApplicationService {
  /**
   * Records an application build; what is missing is read from the registry.
   * The same facts again change nothing.
   *
   * @param actor - who posted it, such as `external:ci`
   * @returns `host/path:tag`, and whether anything was new
   * @throws InputError - a reference, host, digest or date is wrong
   * @throws ServiceUnavailableError - the registry cannot be read, and what was
   *   posted does not do without it
   */
  register(
    registration: Registration,
    actor: string,
  ): Promise<{ reference: string; created: boolean }>;
  /**
   * Forgets a registered image: its row goes, its history stays, and the rest
   * of its repository is reckoned anew.
   *
   * @param image - a reference with a tag
   * @throws InputError - it is no such reference
   * @throws NotFoundError - it is not registered
   */
  forget(image: string): Promise<void>;
  /** Rows that have become too old are no longer current. */
  retireAged(): Promise<void>;
  /** Entities and owners follow the catalog. */
  remapEntities(): Promise<void>;
}
