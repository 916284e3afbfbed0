import { chainId } from './chainId';
import { RegistryError } from './errors';
import { inParallel } from './inParallel';
import type {
  Descriptor,
  ImageConfig,
  ImageIndex,
  ImageManifest,
} from './manifests';
import { isImageConfig } from './mediaTypes';
import { parseImageConfig } from './parseManifest';
import { formatPlatform, type Platform } from './Platform';
import {
  contentsOf,
  ifReadable,
  postOrder,
  readImageTree,
  sizeOf,
  type ImageLocation,
  type ManifestNode,
} from './readImageTree';
import type { BlobLedger } from './copy/BlobLedger';
import type { RegistryClient } from './RegistryClient';
import { errorLike } from './transport/errorLike';

/** One platform of an image, with its config read. */
export interface PlatformImage {
  /** Of the platform's manifest. */
  digest: string;
  /** Normalised, e.g. `linux/arm64`. */
  platform: string;
  /** Bottom layer first. */
  diffIds: string[];
  /** Of all layers; undefined for an image without any. */
  chainId?: string;
  config: ImageConfig;
  manifest: ImageManifest;
  descriptor: Descriptor;
}

/** An image read from a registry, without its layers. */
export interface ResolvedImage {
  descriptor: Descriptor;
  manifest: ImageManifest | ImageIndex;
  /** Of the manifest, as served. */
  bytes: Buffer;
  /** In the index's order; attestations and artifacts left out. */
  images: PlatformImage[];
  /** Every manifest, and config and layers of every platform, each digest once. */
  sizeBytes: number;
  /** Of the index, or of the single manifest. */
  annotations: Record<string, string>;
  /** Digests of the manifests and blobs of all platforms. */
  contents: string[];
}

/**
 * Reads what a tag or digest is: its manifest, those of its platforms, and
 * their configs. Throws RegistryError, with status 404 when it is absent.
 */
export async function resolveImage(
  location: ImageLocation,
  options: { signal?: AbortSignal } = {},
): Promise<ResolvedImage> {
  const tree = await readImageTree(location, {
    ...options,
    skipAttestations: true,
  });
  const { images } = await readPlatformImages(location, tree, options);
  return {
    descriptor: tree.descriptor,
    manifest: tree.manifest,
    bytes: tree.bytes,
    images,
    sizeBytes: sizeOf(tree),
    annotations: tree.manifest.annotations ?? {},
    contents: contentsOf(tree),
  };
}

/**
 * The platforms of a tree, with their configs read, and the configs' bytes by
 * digest. Artifacts and attestations are left out.
 */
export async function readPlatformImages(
  { client, repository }: ImageLocation,
  tree: ManifestNode,
  options: {
    signal?: AbortSignal;
    ledger?: BlobLedger;
    /** Asked first for configs that the ledger thinks it has. */
    near?: RegistryClient;
  } = {},
): Promise<{ images: PlatformImage[]; configs: Map<string, Buffer> }> {
  const nodes = new Map(postOrder(tree).map(n => [n.descriptor.digest, n]));
  const configs = new Map<string, Buffer>();
  const images = await inParallel(
    [...nodes.values()],
    client.concurrency,
    options.signal,
    async (node, signal) => {
      const { manifest, descriptor } = node;
      if (!('config' in manifest) || node.attestation) {
        return undefined;
      }
      if (!isImageConfig(manifest.config.mediaType)) {
        return undefined;
      }
      const { config } = manifest;
      const read = async () =>
        (await readNear(config, { ...options, signal })) ??
        client.readBlob(repository, config, { signal });
      const bytes = options.ledger
        ? await options.ledger.config(config.digest, read)
        : await read();
      configs.set(config.digest, bytes);
      try {
        return platformImage(manifest, descriptor, parseImageConfig(bytes));
      } catch (error) {
        throw new RegistryError(errorLike(error)?.message ?? String(error), {
          host: client.host,
          repository,
          reference: config.digest,
        });
      }
    },
  );
  return { images: images.filter(i => i !== undefined), configs };
}

async function readNear(
  config: Descriptor,
  options: { near?: RegistryClient; ledger?: BlobLedger; signal: AbortSignal },
): Promise<Buffer | undefined> {
  const { near, ledger, signal } = options;
  const [repository] = (near && ledger?.hints(near.host, config.digest)) ?? [];
  return near && repository !== undefined
    ? ifReadable(near.readBlob(repository, config, { signal }))
    : undefined;
}

function platformImage(
  manifest: ImageManifest,
  descriptor: Descriptor,
  config: ImageConfig,
): PlatformImage | undefined {
  const platform: Platform = descriptor.platform ?? {
    os: config.os,
    architecture: config.architecture,
    variant: config.variant,
  };
  // signatures borrow the config's media type and name no platform
  if (!platform.os || !platform.architecture) {
    return undefined;
  }
  const diffIds = config.rootfs.diff_ids;
  return {
    digest: descriptor.digest,
    platform: formatPlatform(platform),
    diffIds,
    chainId: chainId(diffIds),
    config,
    manifest,
    descriptor,
  };
}
