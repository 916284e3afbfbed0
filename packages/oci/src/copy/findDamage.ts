import { DigestMismatchError, RegistryError } from '../errors';
import { inParallel } from '../inParallel';
import type { Descriptor } from '../manifests';
import { isForeignLayer, isImageManifest, isIndex } from '../mediaTypes';
import type { FetchedManifest } from '../ManifestStore';
import type { ImageLocation } from '../readImageTree';

/** Content that a manifest names and its registry does not have as it should. */
export interface Damage {
  digest: string;
  kind: 'manifest' | 'blob';
  /** For people: `is missing`, or what is wrong with it. */
  problem: string;
}

/**
 * Looks beneath a manifest for what is missing or of another size: a tag may
 * be right while a layer of it is gone. Manifests are read and verified, blobs
 * are only asked for.
 *
 * @returns nothing for an image that is sound
 * Throws RegistryError when the registry cannot be asked, or has not the
 * manifest itself; or the signal's reason.
 */
export async function findDamage(
  location: ImageLocation,
  options: { signal?: AbortSignal } = {},
): Promise<Damage[]> {
  const { client, repository, reference } = location;
  const top = await client.getManifest(repository, reference, options);
  const checked = new Set<string>();
  return beneath(top, location, checked, options.signal);
}

async function beneath(
  { manifest }: FetchedManifest,
  location: ImageLocation,
  checked: Set<string>,
  signal: AbortSignal | undefined,
): Promise<Damage[]> {
  const entries =
    'manifests' in manifest
      ? manifest.manifests
      : [manifest.config, ...manifest.layers];
  const fresh = entries.filter(({ digest }) => {
    const isNew = !checked.has(digest);
    checked.add(digest);
    return isNew;
  });
  const found = await inParallel(
    fresh.filter(entry => !isForeignLayer(entry)),
    location.client.concurrency,
    signal,
    (entry, either) =>
      isManifest(entry)
        ? manifestDamage(entry, location, checked, either)
        : blobDamage(entry, location, either),
  );
  return found.flat();
}

function isManifest({ mediaType }: Descriptor): boolean {
  return isIndex(mediaType) || isImageManifest(mediaType);
}

async function manifestDamage(
  { digest }: Descriptor,
  location: ImageLocation,
  checked: Set<string>,
  signal: AbortSignal,
): Promise<Damage[]> {
  const { client, repository } = location;
  try {
    const child = await client.getManifest(repository, digest, { signal });
    return await beneath(child, location, checked, signal);
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) {
      throw error;
    }
    return [{ digest, kind: 'manifest', problem }];
  }
}

async function blobDamage(
  { digest, size }: Descriptor,
  { client, repository }: ImageLocation,
  signal: AbortSignal,
): Promise<Damage[]> {
  const present = await client.headBlob(repository, digest, { signal });
  if (!present) {
    return [{ digest, kind: 'blob', problem: 'is missing' }];
  }
  return (present.size ?? size) === size
    ? []
    : [
        {
          digest,
          kind: 'blob',
          problem: `has ${present.size} bytes instead of ${size}`,
        },
      ];
}

/** undefined: the registry could not be asked, which tells nothing. */
function problemOf(error: unknown): string | undefined {
  if (error instanceof DigestMismatchError) {
    return 'is not what its digest says';
  }
  return error instanceof RegistryError && error.status === 404
    ? 'is missing'
    : undefined;
}
