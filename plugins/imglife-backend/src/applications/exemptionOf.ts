import type { Exemption } from '@imglife/backstage-plugin-imglife-common';
import type { ExemptionDefinition } from '../definitions/Definitions';
import { matchesGlob } from './matchesGlob';

/** What an exemption is looked up for. */
export interface ExemptionSubject {
  /** `host/path:tag` */
  image?: string;
  project?: string;
  /** `host/path:tag` */
  base?: string;
}

/**
 * The first exemption in force whose every pattern matches. `until` is the last
 * day it counts, UTC.
 */
export function exemptionOf(
  subject: ExemptionSubject,
  exemptions: ExemptionDefinition[],
  now: Date,
): Exemption | undefined {
  const today = now.toISOString().slice(0, 10);
  const found = exemptions.find(
    exemption =>
      exemption.until >= today &&
      (['image', 'project', 'base'] as const).every(key => {
        const pattern = exemption[key];
        const value = subject[key];
        return (
          pattern === undefined ||
          (value !== undefined && matchesGlob(pattern, value))
        );
      }),
  );
  return found && { until: found.until, reason: found.reason };
}
