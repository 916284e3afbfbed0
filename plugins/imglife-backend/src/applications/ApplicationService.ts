import type { Registration } from '@imglife/backstage-plugin-imglife-common';
import type { RepositoryName } from '../definitions/Definitions';

/** An image that a registry holds. */
export interface DiscoveredImage {
  name: RepositoryName;
  tag: string;
  /** what the tag points at */
  digest: string;
}

/** Tier 3: what teams built, and on what. */
export interface ApplicationService {
  /**
   * Records an application build; what is missing is read from the registry.
   * The same facts again change nothing.
   *
   * @param actor - who posted it, such as `external:ci`
   * @returns `host/path:tag`, and whether anything was new
   * @throws NotAllowedError - the project is not the actor's
   * @throws InputError - a reference, host, path, digest or date is wrong
   * @throws ServiceUnavailableError - the registry cannot be read, and what was
   *   posted does not do without it
   */
  register(
    registration: Registration,
    actor: string,
  ): Promise<{ reference: string; created: boolean }>;
  /**
   * Records an image that nobody registered; what was registered stays. It
   * recomputes nothing: whoever finds many does that once.
   *
   * @returns whether anything was new
   * @throws InputError - the image does not exist
   * @throws ServiceUnavailableError - its registry cannot be read
   */
  discover(image: DiscoveredImage): Promise<boolean>;
  /**
   * Looks again for the base of a registered image, with what was said of it
   * then; throws as {@link ApplicationService.discover} does.
   *
   * @param actor - who registered it
   * @returns whether anything was new
   */
  review(image: DiscoveredImage, actor: string): Promise<boolean>;
  /**
   * Forgets a registered image: its row goes, its history stays, and the rest
   * of its repository is reckoned anew.
   *
   * @param image - a reference with a tag
   * @param actor - who wants it forgotten
   * @throws InputError - it is no such reference
   * @throws NotAllowedError - it is of a project that is not the actor's
   * @throws NotFoundError - it is not registered
   */
  forget(image: string, actor: string): Promise<void>;
  /** Rows that have become too old are no longer current. */
  retireAged(): Promise<void>;
  /**
   * The exemptions that are declared now count for what was registered before;
   * the verdicts are not recomputed.
   */
  applyExemptions(): Promise<void>;
  /** Entities and owners follow the catalog. */
  remapEntities(): Promise<void>;
}
