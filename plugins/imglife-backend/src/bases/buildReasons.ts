import type { BuildReason } from '@imglife/backstage-plugin-imglife-common';
import type { InputHashes } from './inputHash';

/** A base tag that is published, as it is recorded. */
export interface PublishedInputs {
  tag: string;
  /** the mirrored tag */
  upstreamTag: string;
  versionKey: string;
  inputHash: string;
  inputs: InputHashes;
}

/** What is to be done with a base tag. */
export type BuildDecision =
  | { action: 'none' }
  | { action: 'build'; reasons: BuildReason[] }
  /** would need another coreVersion; `reasons` is what changed */
  | { action: 'blocked'; reasons: BuildReason[] };

const KINDS: Array<[keyof InputHashes, BuildReason]> = [
  ['mirror', 'mirror-moved'],
  ['template', 'template'],
  ['context', 'context'],
  ['arguments', 'arguments'],
  ['compression', 'compression'],
  ['platforms', 'platforms'],
];

function changes(before: InputHashes, after: InputHashes): BuildReason[] {
  return KINDS.filter(([kind]) => before[kind] !== after[kind]).map(
    ([, reason]) => reason,
  );
}

function reasonsOfNewTag(
  wanted: PublishedInputs,
  published: ReadonlyArray<PublishedInputs>,
): BuildReason[] {
  const [newest] = published
    .filter(({ upstreamTag }) => upstreamTag === wanted.upstreamTag)
    .sort((a, b) => (a.versionKey < b.versionKey ? 1 : -1));
  if (newest) {
    const isRaised = newest.inputs.coreVersion !== wanted.inputs.coreVersion;
    return [
      isRaised ? 'core-version' : 'tag-format',
      ...changes(newest.inputs, wanted.inputs),
    ];
  }
  return published.length ? ['new-upstream-tag'] : ['first-build'];
}

/**
 * Decides whether a base tag is built, and why (domain, Base images: Reasons
 * to build). A published tag moves only when its mirror's digest moved.
 *
 * @param wanted - as it would be built now
 * @param published - every published tag of the base
 */
export function decideBuild(
  wanted: PublishedInputs,
  published: ReadonlyArray<PublishedInputs>,
  options: { force: boolean },
): BuildDecision {
  const before = published.find(({ tag }) => tag === wanted.tag);
  if (!before) {
    return { action: 'build', reasons: reasonsOfNewTag(wanted, published) };
  }
  if (before.inputHash === wanted.inputHash) {
    return options.force
      ? { action: 'build', reasons: ['forced'] }
      : { action: 'none' };
  }
  const reasons = changes(before.inputs, wanted.inputs);
  const own = reasons.filter(
    reason => reason !== 'mirror-moved' && reason !== 'platforms',
  );
  if (own.length || !reasons.includes('mirror-moved')) {
    // what a filter renders may change although the template did not
    return {
      action: 'blocked',
      reasons: reasons.length ? reasons : ['template'],
    };
  }
  return {
    action: 'build',
    reasons: options.force ? [...reasons, 'forced'] : reasons,
  };
}
