import { chainId } from './chainId';
import { RegistryError } from './errors';
import type {
  Descriptor,
  ImageConfig,
  ImageIndex,
  ImageManifest,
} from './manifests';
import { isIndex, isManifest } from './mediaTypes';
import { formatPlatform } from './Platform';
import type {
  CallOptions,
  FetchedManifest,
  RegistryClient,
} from './RegistryClient';

/** Where an image lies. @public */
export interface ImageLocation {
  client: RegistryClient;
  repository: string;
  /** tag or digest */
  reference: string;
}

/** The image of one platform. @public */
export interface PlatformImage {
  digest: string;
  /** such as `linux/arm64` */
  platform: string;
  diffIds: string[];
  /** undefined for an image without layers */
  chainId?: string;
  config: ImageConfig;
  manifest: ImageManifest;
  descriptor: Descriptor;
}

/** An image with everything small that belongs to it. @public */
export interface ResolvedImage {
  descriptor: Descriptor;
  manifest: ImageManifest | ImageIndex;
  bytes: Buffer;
  /** one per platform; attestations are left out */
  images: PlatformImage[];
  /** manifests, configs and layers of all platforms, each digest once */
  sizeBytes: number;
  /** of the manifest or index itself */
  annotations: Record<string, string>;
}

/**
 * Reads an image's manifest, its children and their configs.
 *
 * @throws RegistryError - it does not exist, or a part of it is unreadable
 * @public
 */
export async function resolveImage(
  location: ImageLocation,
  options: CallOptions = {},
): Promise<ResolvedImage> {
  const { client, repository, reference } = location;
  const root = await client.getManifest(repository, reference, options);
  const manifests = await collectManifests(location, root, options);
  const images: PlatformImage[] = [];
  const sizes = new Map<string, number>();
  for (const { fetched, listed } of manifests) {
    sizes.set(fetched.descriptor.digest, fetched.descriptor.size);
    if (isIndex(fetched.descriptor.mediaType)) {
      continue;
    }
    const manifest = fetched.manifest as ImageManifest;
    for (const blob of [manifest.config, ...manifest.layers]) {
      sizes.set(blob.digest, blob.size);
    }
    if (!isAttestation(listed)) {
      images.push(await readPlatformImage(location, fetched, listed, options));
    }
  }
  return {
    descriptor: root.descriptor,
    manifest: root.manifest,
    bytes: root.bytes,
    images,
    sizeBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    annotations: root.manifest.annotations ?? {},
  };
}

interface Listed {
  fetched: FetchedManifest;
  listed?: Descriptor;
}

async function collectManifests(
  location: ImageLocation,
  root: FetchedManifest,
  options: CallOptions,
): Promise<Listed[]> {
  const all: Listed[] = [{ fetched: root }];
  const seen = new Set([root.descriptor.digest]);
  for (let at = 0; at < all.length; at++) {
    const { fetched } = all[at];
    if (!isIndex(fetched.descriptor.mediaType)) {
      continue;
    }
    const children = (fetched.manifest as ImageIndex).manifests.filter(
      child => isManifest(child.mediaType) && !seen.has(child.digest),
    );
    children.forEach(child => seen.add(child.digest));
    all.push(
      ...(await Promise.all(
        children.map(async listed => ({
          listed,
          fetched: await location.client.getManifest(
            location.repository,
            listed.digest,
            options,
          ),
        })),
      )),
    );
  }
  return all;
}

// BuildKit stores attestations as children of the platform unknown/unknown.
function isAttestation(listed: Descriptor | undefined): boolean {
  return (
    listed?.platform?.os === 'unknown' ||
    listed?.annotations?.['vnd.docker.reference.type'] ===
      'attestation-manifest'
  );
}

async function readPlatformImage(
  location: ImageLocation,
  fetched: FetchedManifest,
  listed: Descriptor | undefined,
  options: CallOptions,
): Promise<PlatformImage> {
  const { client, repository } = location;
  const manifest = fetched.manifest as ImageManifest;
  const bytes = await client.readBlob(repository, manifest.config, options);
  const config = parseConfig(bytes, location, manifest.config.digest);
  const diffIds = config.rootfs?.diff_ids ?? [];
  return {
    digest: fetched.descriptor.digest,
    platform: formatPlatform(
      config.os && config.architecture
        ? config
        : listed?.platform ?? { os: 'unknown', architecture: 'unknown' },
    ),
    diffIds,
    chainId: chainId(diffIds),
    config,
    manifest,
    descriptor: listed ?? fetched.descriptor,
  };
}

function parseConfig(
  bytes: Buffer,
  location: ImageLocation,
  reference: string,
): ImageConfig {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new RegistryError('the config of the image is not JSON', {
      host: location.client.host,
      repository: location.repository,
      reference,
      cause,
    });
  }
}
