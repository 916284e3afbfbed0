import type { TierQuery } from './queries';
import type { Tier } from './values';

/**
 * The filters that a tier does not have, since its rows have nothing to compare
 * with: given to that tier, they are refused.
 *
 * @public
 */
export const absentFilters: Record<Tier, ReadonlyArray<keyof TierQuery>> = {
  mirrors: [
    'freshness',
    'owner',
    'entityRef',
    'base',
    'project',
    'used',
    'owned',
  ],
  bases: ['entityRef', 'project', 'owned'],
  applications: ['state', 'used'],
};
