import type { Config } from '@backstage/config';
import type { ImageEntityOptions } from './imageEntities';

/**
 * Reads `imglife.catalog` and the owners of bases.
 *
 * @throws Error - naming the config path
 */
export function readImageEntityOptions(config: Config): ImageEntityOptions {
  const applications =
    config.getOptionalString('imglife.catalog.applications') ?? 'mapped';
  if (!['mapped', 'all', 'none'].includes(applications)) {
    throw new Error(
      `imglife.catalog.applications: ${JSON.stringify(
        applications,
      )} is none of mapped, all, none`,
    );
  }
  const owners = new Map<string, string>();
  for (const entry of config.getOptionalConfigArray('imglife.bases.entries') ??
    []) {
    const owner = entry.getOptionalString('owner');
    if (owner) {
      owners.set(entry.getString('name'), owner);
    }
  }
  const defaultOwner =
    config.getOptionalString('imglife.catalog.defaultOwner') ??
    'group:default/unknown';
  return {
    namespace:
      config.getOptionalString('imglife.catalog.namespace') ?? 'imglife',
    applications: applications as ImageEntityOptions['applications'],
    defaultOwner,
    baseOwner: name =>
      owners.get(name) ??
      config.getOptionalString('imglife.bases.owner') ??
      defaultOwner,
  };
}
