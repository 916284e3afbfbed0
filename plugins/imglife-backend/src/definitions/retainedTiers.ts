import { type Tier, tiers } from '@imglife/backstage-plugin-imglife-common';
import type { RetentionDefinition } from './Definitions';

/** The tiers that something may be deleted of. */
export function retainedTiers(retention: RetentionDefinition): Tier[] {
  return tiers.filter(tier => retention[tier] !== undefined);
}
