import type { BaseFacts, BaseUse } from './ApplicationStore';
import type { BaseOutcome } from './detectBase';

/** Stands in place of a base that nobody knows. */
export const UNKNOWN = '?';

/** The tier under which an outcome is judged. */
export function tierOfOutcome(base: BaseOutcome): BaseUse['tier'] {
  switch (base.kind) {
    case 'none':
      return 'none';
    case 'unknown':
      // judged as a base that nobody knows
      return 'bases';
    default:
      return base.tier;
  }
}

/** What is judged of a base that was found; nothing may have been. */
export function baseUseOf(
  base: BaseFacts | undefined,
  tier: BaseUse['tier'],
): BaseUse {
  if (base) {
    return { reference: base.reference, digest: base.digest ?? '', tier };
  }
  return { reference: tier === 'none' ? '' : UNKNOWN, digest: '', tier };
}
