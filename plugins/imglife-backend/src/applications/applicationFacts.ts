import type { ApplicationFacts, BaseFacts } from './ApplicationStore';
import type { ImageDetection } from './BaseDetector';
import { tierOfOutcome } from './baseUse';
import type { BaseOutcome } from './detectBase';
import type { ImageFacts } from './imageFacts';
import { formatRepository } from '@imglife/oci';
import { projectOfUrl } from './projectOfUrl';
import type { PostedBuild } from './readRegistration';

/**
 * The facts of a registration: what was posted, and where nothing was, what
 * the image tells.
 *
 * @param image - undefined when the registry could not be read
 */
export function applicationFactsOf(
  posted: PostedBuild,
  image: ImageFacts | undefined,
  found: ImageDetection,
): ApplicationFacts {
  const { source, revision } = found.labels ?? {};
  const base = baseFactsOf(found.base);
  return {
    repository: formatRepository(posted.name),
    tag: posted.tag,
    digest: image?.digest ?? posted.digest,
    platforms:
      posted.platforms ??
      image?.platforms.map(({ platform }) => platform).sort() ??
      [],
    ...(base && { base }),
    ...(found.platforms && {
      platformBases: found.platforms.map(each => ({
        platform: each.platform,
        base: baseFactsOf(each.base),
        tier: tierOfOutcome(each.base),
      })),
    }),
    detection: found.detection,
    ...(found.squashed && { squashed: true as const }),
    revision: posted.revision ?? revision,
    project: posted.project ?? projectOfUrl(source),
    declaredEntityRef: posted.entityRef,
    fields: posted.fields ?? {},
    builtAt: posted.builtAt ?? image?.created,
  };
}

function baseFactsOf(base: BaseOutcome): BaseFacts | undefined {
  return base.kind === 'base'
    ? {
        reference: base.reference,
        digest: base.digest,
        name: base.name,
        version: base.version,
      }
    : undefined;
}

/**
 * Facts of an image that cannot be read now, completed from what was read of
 * the same digest before: content under a digest does not change.
 *
 * @param before - of the same repository and tag
 */
export function completeFacts(
  facts: ApplicationFacts,
  before: ApplicationFacts | undefined,
): ApplicationFacts {
  if (!before || before.digest !== facts.digest) {
    return facts;
  }
  const { base, detection, platformBases, squashed } = before;
  // FROM scratch and an unknown base are both without one
  const sameBase =
    base?.reference === facts.base?.reference &&
    (base !== undefined || detection.method === facts.detection.method) &&
    (!facts.base?.digest || base?.digest === facts.base.digest);
  return {
    ...facts,
    ...(sameBase && {
      base,
      ...(platformBases && { platformBases }),
      ...(squashed && { squashed }),
      detection: { ...detection, method: facts.detection.method },
    }),
    platforms: facts.platforms.length > 0 ? facts.platforms : before.platforms,
    revision: facts.revision ?? before.revision,
    project: facts.project ?? before.project,
    builtAt: facts.builtAt ?? before.builtAt,
  };
}
