import { canonicalRepository } from './canonicalRepository';
import type { ImglifeConfig } from './configSchema';
import type {
  RetentionDefinition,
  RetentionPolicy,
  RetentionRules,
} from './Definitions';

type TierConfig = NonNullable<ImglifeConfig['retention']['bases']>;

/** The block `retention`, archives under the names of their registries. */
export function resolveRetention({
  registries,
  retention,
}: Pick<ImglifeConfig, 'registries' | 'retention'>): RetentionDefinition {
  const resolveArchive = (
    archive: TierConfig['archive'],
  ): Pick<RetentionRules, 'archive'> =>
    archive
      ? {
          archive: {
            ...archive,
            to: canonicalRepository(archive.to, registries),
          },
        }
      : {};
  const resolveTier = (tier?: TierConfig): RetentionPolicy | undefined =>
    tier && {
      ...tier,
      ...resolveArchive(tier.archive),
      overrides: tier.overrides.map(override => ({
        ...override,
        ...resolveArchive(override.archive),
      })),
    };
  return {
    schedule: retention.schedule,
    mirrors: resolveTier(retention.mirrors),
    bases: resolveTier(retention.bases),
    applications: resolveTier(retention.applications),
  };
}
