import type { RunHandler } from '../runs/RunContext';

/**
 * Tier 2: builds the bases from what the mirrors hold. A run's target is the
 * name of one base; without it every base is looked at.
 */
export interface BaseService extends RunHandler {
  readonly kind: 'build';
}
