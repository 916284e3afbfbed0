import { formatRepository } from '@imglife/oci';
import { splitRepository } from '../applications/scanScope';
import type { Definitions } from '../definitions/Definitions';
import { retainedTiers } from '../definitions/retainedTiers';
import type { RetainedImage } from './RetainedImage';
import { rulesOf } from './rulesOf';

type Declared = Pick<Definitions, 'retention' | 'mirrors' | 'bases'>;

/**
 * The targets that a run of kind `retention` may have: a tier that has rules,
 * such as `bases`, and one of its mirrors or bases, such as `bases/alpine`.
 */
export function retentionTargets({
  retention,
  mirrors,
  bases,
}: {
  retention: Definitions['retention'];
  mirrors: { entries: ReadonlyArray<{ name: string }> };
  bases: { entries: ReadonlyArray<{ name: string }> };
}): string[] {
  return retainedTiers(retention).flatMap(tier => {
    const entries =
      tier === 'applications' ? [] : { mirrors, bases }[tier].entries;
    return [tier, ...entries.map(({ name }) => `${tier}/${name}`)];
  });
}

/**
 * The repositories that a target stands for; without one all that have rules.
 * What is no longer declared is none of them: it is left where it is.
 *
 * @param applications - repositories of applications, `host/path`
 */
export function retainedImages(
  definitions: Declared,
  applications: ReadonlyArray<string>,
  target: string | undefined,
): RetainedImage[] {
  const { retention } = definitions;
  const isMeant = (tier: string, name: string) =>
    target === undefined || target === tier || target === `${tier}/${name}`;
  const declared = (['mirrors', 'bases'] as const).flatMap(tier => {
    const policy = retention[tier];
    return policy
      ? definitions[tier].entries
          .filter(({ name }) => isMeant(tier, name))
          .map(({ name, target: place }) => ({
            tier,
            name,
            target: place,
            repository: formatRepository(place),
            rules: rulesOf(policy, name),
          }))
      : [];
  });
  const policy = retention.applications;
  const teams =
    policy && (target === undefined || target === 'applications')
      ? applications.map(repository => ({
          tier: 'applications' as const,
          name: repository,
          target: splitRepository(repository),
          repository,
          rules: rulesOf(policy, repository),
        }))
      : [];
  return [...declared, ...teams];
}
