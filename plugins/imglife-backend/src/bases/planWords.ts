import type { BuildReason } from '@imglife/backstage-plugin-imglife-common';
import type { BaseTag, BaseTagIdentity } from './BaseStore';
import type { BaseTagPlan } from './BaseTagPlan';

const NOT_KEPT =
  '; the context last published is not kept (over 1 MiB compressed, or from before contexts were kept), so that this base does not follow its mirror';

/** Who and what a planned base tag is, as it is recorded. */
export function identityOf(plan: BaseTagPlan): BaseTagIdentity {
  const { definition, repository, tag, mirrorTag } = plan;
  const { name, kind, owner, coreVersion } = definition;
  return { name, kind, owner, repository, tag, coreVersion, mirror: mirrorTag };
}

/**
 * What is to be done about a base that is blocked.
 *
 * @param planned - `lacksContext`: it could not even follow its mirror
 */
export function blockedMessage(
  plan: BaseTagPlan,
  reasons: ReadonlyArray<BuildReason>,
  { lacksContext }: { lacksContext?: true } = {},
): string {
  const { name, coreVersion } = plan.definition;
  return `raise coreVersion of base ${name} (now ${coreVersion}): changed since ${
    plan.tag
  } was published: ${reasons.join(', ')}${lacksContext ? NOT_KEPT : ''}`;
}

/** What is to be done about a base that others build, after its reasons. */
export function awaitedMessage(
  plan: BaseTagPlan,
  reasons: ReadonlyArray<BuildReason>,
): string {
  const { name } = plan.definition;
  return `${reasons.join(
    ', ',
  )}: to be built outside; imglife build ${name} --output-dir DIR exports it, POST /v1/bases/published reports what was built`;
}

/**
 * Why a recorded tag is not even planned.
 *
 * @returns undefined for one that is
 */
export function whyLeftAlone(
  row: BaseTag,
  options: { force: boolean },
): string | undefined {
  if (row.withdrawal) {
    return `withdrawn: ${row.withdrawal.reason}`;
  }
  // what it was made of is not known: to build it would move its tag
  return row.state === 'published' && !row.published && !options.force
    ? 'adopted: it is built anew once coreVersion is raised'
    : undefined;
}
