import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isDigest,
  parseImageConfig,
  parseManifest,
  type Descriptor,
} from '@imglife/oci';
import type { BuiltImage } from './BuiltImage';

/**
 * Reads the images of an OCI image layout (OCI image-spec, image-layout.md).
 * Attestations and other manifests without a platform's layers are left out.
 *
 * @param folder - absolute, holds `index.json`
 */
export async function readOciLayout(folder: string): Promise<BuiltImage[]> {
  const { manifest } = parseManifest(
    await readFile(join(folder, 'index.json')),
    'application/vnd.oci.image.index.v1+json',
  );
  return 'manifests' in manifest
    ? (
        await Promise.all(
          manifest.manifests.map(each => readImages(folder, each)),
        )
      ).flat()
    : [];
}

async function readImages(
  folder: string,
  descriptor: Descriptor,
): Promise<BuiltImage[]> {
  const { manifest } = parseManifest(
    await readFile(blobFile(folder, descriptor)),
    descriptor.mediaType,
  );
  if ('manifests' in manifest) {
    const nested = manifest.manifests.map(each => readImages(folder, each));
    return (await Promise.all(nested)).flat();
  }
  const config = parseImageConfig(
    await readFile(blobFile(folder, manifest.config)),
  );
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length || config.os === '') {
    return [];
  }
  const layers = manifest.layers.map((layer, index) => ({
    file: blobFile(folder, layer),
    diffId: diffIds[index],
    mediaType: layer.mediaType,
    digest: layer.digest,
  }));
  return [{ config, layers }];
}

function blobFile(folder: string, { digest }: Descriptor): string {
  if (!isDigest(digest)) {
    throw new Error(`the image layout names ${digest}, which is no digest`);
  }
  return join(folder, 'blobs', ...digest.split(':'));
}
