import { parseTag } from '@imglife/backstage-plugin-imglife-common';
import { formatRepository } from '@imglife/oci';
import type { MirrorDefinition } from '../definitions/Definitions';

/** The declared mirrors by the `host/path` of their sources. */
export function mirrorsBySource(
  entries: readonly MirrorDefinition[],
): Map<string, MirrorDefinition> {
  return new Map(entries.map(entry => [formatRepository(entry.source), entry]));
}

/**
 * Where an upstream image is mirrored, and the family of its tag.
 *
 * @param reference - `host/path:tag`, canonical
 */
export function mirroredAs(
  reference: string,
  mirrors: ReadonlyMap<string, MirrorDefinition>,
): { repository: string; family: string } | undefined {
  const colon = reference.lastIndexOf(':');
  const mirror = mirrors.get(reference.slice(0, colon));
  return (
    mirror && {
      repository: formatRepository(mirror.target),
      family: parseTag(reference.slice(colon + 1)).family,
    }
  );
}
