import type { Definitions } from '../../definitions/Definitions';

/** The part of the definitions that judging looks at. */
export function definitions(
  policy: Partial<Definitions['policy']> = {},
): Definitions {
  return {
    tiers: {
      mirrors: { registry: 'reg.test', repository: 'mirrors' },
      bases: { registry: 'reg.test', repository: 'bases' },
      applications: ['reg.test/apps'],
    },
    mirrors: {
      entries: [
        {
          name: 'alpine',
          source: { registry: 'docker.io', repository: 'library/alpine' },
          target: { registry: 'reg.test', repository: 'mirrors/alpine' },
          lifecycle: { product: 'alpine-linux', extendedSupport: false },
        },
      ],
    },
    policy: {
      freshness: 'cycle',
      warnDays: 30,
      graceDays: 0,
      failOn: ['withdrawn', 'outdated', 'rebuilt', 'ended'],
      exemptions: [],
      ...policy,
    },
  } as unknown as Definitions;
}
