import type { ApplicationFacts } from './ApplicationStore';
import type { PostedBuild } from './readRegistration';

/**
 * What a pipeline posted of an image, as far as its facts still tell, so that
 * its base can be looked for again.
 */
export function postedBefore(
  facts: ApplicationFacts,
): Omit<PostedBuild, 'name' | 'tag'> {
  return {
    base: declaredBase(facts),
    platforms: facts.platforms.length ? facts.platforms : undefined,
    revision: facts.revision,
    project: facts.project,
    entityRef: facts.declaredEntityRef,
    fields: facts.fields,
    builtAt: facts.builtAt,
  };
}

function declaredBase({
  base,
  detection,
}: ApplicationFacts): PostedBuild['base'] {
  if (detection.method !== 'declared') {
    return undefined;
  }
  if (!base) {
    return 'scratch';
  }
  const { reference, digest } = base;
  const colon = reference.lastIndexOf(':');
  return colon > reference.lastIndexOf('/')
    ? {
        repository: reference.slice(0, colon),
        tag: reference.slice(colon + 1),
        digest,
      }
    : { repository: reference, digest };
}
