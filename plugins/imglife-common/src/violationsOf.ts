import type {
  BaseState,
  FailOn,
  Freshness,
  MirrorState,
  Support,
} from './schemas/values';

/** What is asked whether it violates something. @public */
export interface ViolationFacts {
  freshness: Freshness;
  support: Support;
  /** of the base or mirror; null: it is neither */
  state: BaseState | MirrorState | null;
  /** `outdated` and `rebuilt` only warn yet */
  inGrace: boolean;
  /** by an exemption, or as a base for development */
  exempt: boolean;
}

/**
 * Which values count as violations under a policy (domain, Verdicts:
 * `failOn`), each once. That a mirror is `current` says nothing of what is
 * built on it.
 *
 * @public
 */
export function violationsOf(
  facts: ViolationFacts,
  failOn: readonly FailOn[],
): FailOn[] {
  const { freshness, support, state, inGrace, exempt } = facts;
  if (exempt) {
    return [];
  }
  const values: FailOn[] = [
    ...(inGrace ? [] : [freshness]),
    support,
    ...(state === null || state === 'current' ? [] : [state]),
  ];
  return [...new Set(values)].filter(value => failOn.includes(value));
}
