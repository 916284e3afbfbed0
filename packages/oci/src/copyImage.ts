import { inParallel } from './inParallel';
import type { Descriptor } from './manifests';
import {
  postOrder,
  readImageTree,
  sizeOf,
  type ImageLocation,
  type ManifestNode,
} from './readImageTree';
import type { RegistryClient } from './RegistryClient';
import { readPlatformImages, type PlatformImage } from './resolveImage';

/** Where a copy goes. */
export interface CopyTarget {
  client: RegistryClient;
  repository: string;
  tag: string;
}

/** What to copy and where to. */
export interface CopyOptions {
  source: ImageLocation;
  target: CopyTarget;
  signal?: AbortSignal;
  /** Called with the bytes of layers and configs as they pass; a repeated byte counts once. */
  onBytes?(count: number): void;
}

/** What a copy has published. */
export interface CopyResult {
  /** The same at source and target. */
  digest: string;
  mediaType: string;
  /** Every manifest, and config and layers of every platform, each digest once. */
  sizeBytes: number;
  /** Layers and configs that were sent; what was there or mounted is not. */
  bytesMoved: number;
  /** Normalised, in the index's order. */
  platforms: string[];
  images: PlatformImage[];
}

/**
 * Copies an image or index byte for byte, with every platform and attestation.
 * The tag is published last, after every blob and child manifest is at the
 * target, so that no reader sees a broken tag, whenever the process dies.
 * Always copies: whoever wants to skip what is equal compares HEADs first.
 * Foreign layers are not copied, their URLs travel in the manifest.
 *
 * Throws RegistryError of source or target, DigestMismatchError for content
 * that is not what its descriptor says, or the signal's reason.
 */
export async function copyImage(options: CopyOptions): Promise<CopyResult> {
  const { source, target, signal } = options;
  const tree = await readImageTree(source, { signal });
  const { images, configs } = await readPlatformImages(source, tree, {
    signal,
  });
  const bytesMoved = await copyBlobs(options, tree, configs);
  await putChildren(options, tree);
  const { mediaType, digest } = tree.descriptor;
  await target.client.putManifest(
    target.repository,
    target.tag,
    tree.bytes,
    mediaType,
    { signal },
  );
  return {
    digest,
    mediaType,
    sizeBytes: sizeOf(tree),
    bytesMoved,
    platforms: [...new Set(images.map(image => image.platform))],
    images,
  };
}

async function copyBlobs(
  options: CopyOptions,
  tree: ManifestNode,
  configs: Map<string, Buffer>,
): Promise<number> {
  const { source, target, signal } = options;
  const blobs = new Map(
    postOrder(tree)
      .flatMap(node => node.blobs)
      .map(blob => [blob.digest, blob]),
  );
  const limit = Math.min(source.client.concurrency, target.client.concurrency);
  const moved = await inParallel(
    [...blobs.values()],
    limit,
    signal,
    (blob, either) =>
      copyBlob({ ...options, signal: either }, blob, configs.get(blob.digest)),
  );
  return moved.reduce((sum, bytes) => sum + bytes, 0);
}

async function copyBlob(
  { source, target, signal, onBytes }: CopyOptions,
  blob: Descriptor,
  held: Buffer | undefined,
): Promise<number> {
  const { client, repository } = target;
  if (await client.headBlob(repository, blob.digest, { signal })) {
    return 0;
  }
  const mountable =
    source.client.host === client.host && source.repository !== repository;
  if (
    mountable &&
    (await client.mountBlob(repository, blob.digest, source.repository, {
      signal,
    }))
  ) {
    return 0;
  }
  let reported = 0;
  const body = () => {
    if (held) {
      return held;
    }
    let passed = 0;
    return source.client.getBlob(source.repository, blob, {
      signal,
      onBytes: count => {
        passed += count;
        const fresh = Math.max(0, passed - reported);
        reported += fresh;
        onBytes?.(fresh);
      },
    });
  };
  await client.putBlob(repository, blob, body, { signal });
  if (held) {
    onBytes?.(held.length);
  }
  return blob.size;
}

/** By digest, level by level from the bottom: an index after its children. */
async function putChildren(
  { target, signal }: CopyOptions,
  tree: ManifestNode,
): Promise<void> {
  const { client, repository } = target;
  const children = postOrder(tree).slice(0, -1);
  const unique = new Map(children.map(n => [n.descriptor.digest, n]));
  const levels = new Map<number, ManifestNode[]>();
  for (const node of unique.values()) {
    const height = heightOf(node);
    levels.set(height, [...(levels.get(height) ?? []), node]);
  }
  for (const height of [...levels.keys()].sort((a, b) => a - b)) {
    await inParallel(
      levels.get(height) ?? [],
      client.concurrency,
      signal,
      ({ descriptor, bytes }, either) =>
        client.putManifest(
          repository,
          descriptor.digest,
          bytes,
          descriptor.mediaType,
          { signal: either },
        ),
    );
  }
}

function heightOf(node: ManifestNode): number {
  return 1 + Math.max(0, ...node.children.map(heightOf));
}
