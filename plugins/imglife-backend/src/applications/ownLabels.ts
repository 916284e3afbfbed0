import type { ImageFacts } from './imageFacts';
import type { KnownImage } from './baseCandidates';

/** OCI image-spec annotations.md: where an image's sources are. */
export const sourceLabel = 'org.opencontainers.image.source';
/** OCI image-spec annotations.md: of those sources. */
export const revisionLabel = 'org.opencontainers.image.revision';

/** What the labels of an image say of itself. */
export interface OwnLabels {
  source?: string;
  revision?: string;
}

/**
 * The labels that an image has of its own. Whoever builds on an image inherits
 * its labels, so that a service without any seems to come from the sources of
 * its base: what an image below it says too is not believed.
 *
 * @param known - rows of the chain index that the image stands on
 */
export function ownLabels(image: ImageFacts, known: KnownImage[]): OwnLabels {
  const labels = image.platforms[0]?.labels ?? {};
  const source = labels[sourceLabel];
  const revision = labels[revisionLabel];
  return {
    ...(source && !known.some(below => below.source === source) && { source }),
    ...(revision &&
      !known.some(below => below.revision === revision) && { revision }),
  };
}
