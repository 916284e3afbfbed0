import { digestOf } from '../digest';
import type { ImageIndex, ImageManifest } from '../manifests';
import { MediaTypes } from '../mediaTypes';
import type { RegistryClient } from '../RegistryClient';

const ARTIFACT_TYPE = 'application/vnd.imglife.removed.v1';
const TAG = 'io.imglife.removed.tag';
const DIGEST = 'io.imglife.removed.digest';
// OCI image-spec, manifest.md "Guidance for an Empty Descriptor"
const EMPTY = Buffer.from('{}');

/** A tag and what it pointed at. */
interface Removed {
  tag: string;
  digest: string;
}

/** Whether a manifest was put in the place of that tag's image to remove it. */
export function isTombstoneOf(
  { annotations }: ImageManifest | ImageIndex,
  { tag, digest }: Removed,
): boolean {
  return annotations?.[TAG] === tag && annotations[DIGEST] === digest;
}

/**
 * Takes a tag away where manifests are deleted by digest only, and the tag's
 * digest must stay: a manifest that no other tag has is put in its place and
 * deleted. It is deleted once before it gets the tag, so that a registry that
 * deletes nothing is found out while the tag is still whole.
 */
export async function replaceByTombstone({
  client,
  repository,
  tag,
  digest,
  signal,
}: Removed & {
  client: RegistryClient;
  repository: string;
  signal?: AbortSignal;
}): Promise<void> {
  const at = { signal };
  const empty = {
    mediaType: MediaTypes.ociEmpty,
    digest: digestOf(EMPTY),
    size: EMPTY.length,
  };
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MediaTypes.ociManifest,
    artifactType: ARTIFACT_TYPE,
    config: empty,
    layers: [empty],
    annotations: { [TAG]: tag, [DIGEST]: digest },
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  if (!(await client.headBlob(repository, empty.digest, at))) {
    await client.putBlob(repository, empty, () => EMPTY, at);
  }
  for (const reference of [digestOf(bytes), tag]) {
    await client.putManifest(
      repository,
      reference,
      bytes,
      MediaTypes.ociManifest,
      at,
    );
    await client.deleteManifest(repository, digestOf(bytes), at);
  }
}
