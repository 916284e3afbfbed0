import { digestOf } from '../digest';
import type { Descriptor, ImageManifest } from '../manifests';
import { MediaTypes } from '../mediaTypes';
import type { RegistryClient } from '../RegistryClient';

/** What is said of an image, such as an SBOM or a signature. */
export interface Referrer {
  /** what kind of thing it is, as `listReferrers` filters by it */
  artifactType: string;
  /** of the content; the artifact type when missing */
  mediaType?: string;
  content: Uint8Array;
  /** of the artifact's manifest, which lists of referrers repeat */
  annotations?: Record<string, string>;
}

// OCI image-spec, manifest.md "Guidance for an Empty Descriptor"
const EMPTY = Buffer.from('{}');

function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/**
 * Publishes an artifact whose `subject` is a manifest of the same repository
 * (OCI image-spec, manifest.md "Guidelines for Artifact Usage"), by digest and
 * without a tag of its own. Its bytes depend on nothing but what is given; one
 * that the subject has already is not pushed again.
 *
 * @returns `pushed`: it was not there before
 * @throws RegistryError, or the signal's reason
 */
export async function pushReferrer(
  target: { client: RegistryClient; repository: string; subject: Descriptor },
  referrer: Referrer,
  options: { signal?: AbortSignal } = {},
): Promise<{ descriptor: Descriptor; pushed: boolean }> {
  const { client, repository } = target;
  const { artifactType, content, annotations } = referrer;
  const { mediaType, digest, size } = target.subject;
  const layer = describe(referrer.mediaType ?? artifactType, content);
  const config = describe(MediaTypes.ociEmpty, EMPTY);
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MediaTypes.ociManifest,
    artifactType,
    config,
    layers: [layer],
    subject: { mediaType, digest, size },
    ...(annotations && { annotations }),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const descriptor = describe(MediaTypes.ociManifest, bytes);
  const known = await client.listReferrers(repository, digest, options);
  if (known.some(each => each.digest === descriptor.digest)) {
    return { descriptor, pushed: false };
  }
  const blobs: Array<[Descriptor, Buffer]> = [
    [config, EMPTY],
    [layer, Buffer.from(content)],
  ];
  for (const [blob, body] of blobs) {
    if (!(await client.headBlob(repository, blob.digest, options))) {
      await client.putBlob(repository, blob, () => body, options);
    }
  }
  await client.putManifest(
    repository,
    descriptor.digest,
    bytes,
    MediaTypes.ociManifest,
    options,
  );
  return { descriptor, pushed: true };
}
