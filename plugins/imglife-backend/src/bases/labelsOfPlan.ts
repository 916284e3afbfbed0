import { isContextUrl } from '../definitions/fields';
import { baseLabels, eolLabels, type EolLabels } from './baseLabels';
import type { BaseTagPlan, PreparedBase } from './BaseTagPlan';

/** The end-of-life labels of a base as they are known now. */
export function judgedEol(
  { mirrorTag, mirror, lifecycle }: BaseTagPlan,
  options: { warnDays: number; now: Date },
): EolLabels {
  const { extendedSupport } = mirror.lifecycle;
  return eolLabels(
    mirrorTag,
    lifecycle.judge(mirrorTag, { ...options, extendedSupport }),
  );
}

/** All labels of a planned base, which are its annotations too. */
export function labelsOfPlan(
  plan: BaseTagPlan,
  prepared: PreparedBase,
  eol: EolLabels,
): Record<string, string> {
  const { definition, mirrorTag, tag } = plan;
  const { name, coreVersion, context } = definition;
  const { inputHash, created, mirrorReference, revision } = prepared;
  return baseLabels({
    name,
    tag,
    coreVersion,
    inputHash,
    created: created.toISOString(),
    revision,
    source: context && isContextUrl(context) ? context : undefined,
    mirrorReference,
    mirrorDigest: mirrorTag.digest,
    eol,
  });
}
