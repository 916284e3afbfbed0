import { groupByRoot, namesCandidate, type KnownImage } from './baseCandidates';
import { inputHashLabel, type ImageFacts } from './imageFacts';
import { matchLayers } from './matchLayers';
import { namedBaseOf, type Canonical } from './namedBase';

/**
 * Whether an image tells that it was built on something whose layers it does
 * not have: merged into one (`buildah --squash`, `docker build --squash`,
 * flattened copies) or rewritten. Told by a label that only bases bring along,
 * by an annotation that names an image we know, or by the builder's history.
 *
 * One that tells nothing of the kind cannot be told from one that stands on an
 * unknown image.
 */
export function isSquashed(
  image: ImageFacts,
  known: KnownImage[],
  canonical: Canonical,
): boolean {
  const roots = groupByRoot(known);
  if (matchLayers(image, roots, known)) {
    return false;
  }
  return image.platforms.some(platform => {
    if (platform.merged || platform.labels[inputHashLabel]) {
      return true;
    }
    const named = namedBaseOf(platform.annotations, canonical);
    return (
      named !== undefined &&
      named !== 'scratch' &&
      [...roots.values()].some(each => namesCandidate(named, each) === 'own')
    );
  });
}
