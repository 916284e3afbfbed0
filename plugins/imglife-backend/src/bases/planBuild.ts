import type { BuildChange } from '@imglife/backstage-plugin-imglife-common';
import type { BaseTag } from './BaseStore';
import { baseVersionKey } from './baseTag';
import {
  prepareBase,
  type BaseTagPlan,
  type KeptContext,
  type PreparedBase,
} from './BaseTagPlan';
import { buildChanges } from './buildChanges';
import {
  decideBuild,
  type BuildDecision,
  type PublishedInputs,
} from './buildReasons';

/** What is to be done with one base tag, and with what. */
export interface PlannedBuild {
  prepared: PreparedBase;
  decision: BuildDecision;
  /** the decision's reasons with old and new value */
  changes: BuildChange[];
  /**
   * What else changed under the same coreVersion, when the mirror moved: the
   * build is of the template as last published.
   */
  held?: Extract<BuildDecision, { action: 'blocked' }>;
  /** The mirror moved, and the context last published is not there to follow it. */
  lacksContext?: true;
}

function toInputs(row: BaseTag): PublishedInputs | undefined {
  const { published, tag, upstreamTag, versionKey } = row;
  return published && { tag, upstreamTag, versionKey, ...published };
}

function decide(
  plan: BaseTagPlan,
  prepared: PreparedBase,
  force: boolean,
): Omit<PlannedBuild, 'held'> {
  const { tag, mirrorTag, definition, known } = plan;
  const { inputHash, inputs } = prepared;
  const versionKey = baseVersionKey(mirrorTag.tag, definition.coreVersion);
  const upstreamTag = mirrorTag.tag;
  const wanted = { tag, upstreamTag, versionKey, inputHash, inputs };
  const published = known.map(toInputs).filter(row => row !== undefined);
  const decision = decideBuild(wanted, published, { force });
  const reasons = decision.action === 'none' ? [] : decision.reasons;
  const changes = buildChanges(reasons, wanted, published);
  return { prepared, decision, changes };
}

async function readKept(
  plan: BaseTagPlan,
  { published }: BaseTag,
): Promise<KeptContext | undefined> {
  const { hash, ...commit } = published?.context ?? {};
  const files = hash === undefined ? undefined : await plan.readContext(hash);
  return files && hash !== undefined
    ? { ...commit, files, contextHash: hash }
    : undefined;
}

/**
 * Decides what is to be done with a base tag. When its mirror moved and its
 * template, context or arguments changed under the same coreVersion, it is
 * rebuilt from those last published; a changed context that is not kept blocks
 * this too.
 *
 * @throws InputError - the template or the context is at fault
 */
export async function planBuild(
  plan: BaseTagPlan,
  options: { force: boolean },
): Promise<PlannedBuild> {
  const { force } = options;
  const current = decide(plan, await prepareBase(plan), force);
  const { decision } = current;
  if (decision.action !== 'blocked') {
    return current;
  }
  const row = plan.known.find(({ tag }) => tag === plan.tag);
  const sources = row?.published?.sources;
  const mirrorMoved = decision.reasons.includes('mirror-moved');
  if (!mirrorMoved || !sources) {
    return current;
  }
  const isOther = decision.reasons.includes('context');
  const kept = isOther ? await readKept(plan, row) : undefined;
  if (isOther && !kept) {
    return { ...current, lacksContext: true };
  }
  const last = decide(plan, await prepareBase(plan, sources, kept), force);
  if (last.decision.action !== 'build') {
    return current;
  }
  const reasons = decision.reasons.filter(
    reason => reason !== 'mirror-moved' && reason !== 'platforms',
  );
  return { ...last, held: { action: 'blocked', reasons } };
}
