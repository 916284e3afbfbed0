import type { BlobLedger } from './copy/BlobLedger';
import { isDigest } from './digest';
import { DigestMismatchError, RegistryError } from './errors';
import { inParallel } from './inParallel';
import type { Descriptor, ImageIndex, ImageManifest } from './manifests';
import { isForeignLayer, isImageManifest, isIndex } from './mediaTypes';
import type { FetchedManifest } from './ManifestStore';
import type { RegistryClient } from './RegistryClient';

/** An image at a registry: tag or digest of a repository. */
export interface ImageLocation {
  client: RegistryClient;
  repository: string;
  /** Tag or digest. */
  reference: string;
}

/** A manifest with everything below it. */
export interface ManifestNode extends FetchedManifest {
  /** Manifests of an index, read, in its order. */
  children: ManifestNode[];
  /** Config and layers of a manifest, or an index's entries that are blobs. */
  blobs: Descriptor[];
  /** Layers that stay where their publisher keeps them. */
  foreign: Descriptor[];
  /** A statement about an image, not an image. */
  attestation: boolean;
}

/** Where what is elsewhere may be found too, at less cost. */
export type NearRepository = Pick<ImageLocation, 'client' | 'repository'>;

/** How a tree is read. */
export interface ReadTreeOptions {
  signal?: AbortSignal;
  skipAttestations?: boolean;
  /** Manifests that were read before in this run. */
  ledger?: BlobLedger;
  /** Where manifests are read by digest before the location itself is asked. */
  near?: NearRepository;
}

const MAX_DEPTH = 8;
const MAX_MANIFESTS = 1000;

/**
 * Reads a manifest and, for an index, every manifest below it, children by
 * digest. Throws RegistryError.
 */
export async function readImageTree(
  location: ImageLocation,
  options: ReadTreeOptions = {},
): Promise<ManifestNode> {
  const top = await readManifest(location, options);
  return grow(
    location,
    top,
    false,
    { depth: 1, budget: { left: MAX_MANIFESTS } },
    options,
  );
}

async function readManifest(
  { client, repository, reference }: ImageLocation,
  { ledger, near, signal }: ReadTreeOptions,
): Promise<FetchedManifest> {
  const read = async () =>
    (near && isDigest(reference)
      ? await ifReadable(
          near.client.getManifest(near.repository, reference, { signal }),
        )
      : undefined) ?? client.getManifest(repository, reference, { signal });
  return ledger && isDigest(reference)
    ? ledger.manifest(reference, read)
    : read();
}

/** Undefined where a registry does not give it, for another may. */
export async function ifReadable<T>(
  reading: Promise<T>,
): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RegistryError) {
      return undefined;
    }
    throw error;
  }
}

/** Every node of a tree, children before parents. */
export function postOrder(node: ManifestNode): ManifestNode[] {
  return [...node.children.flatMap(postOrder), node];
}

/** Digests of every manifest of a tree and of the blobs that travel with it. */
export function contentsOf(tree: ManifestNode): string[] {
  return postOrder(tree).flatMap(({ descriptor, blobs }) => [
    descriptor.digest,
    ...blobs.map(blob => blob.digest),
  ]);
}

/**
 * Bytes of an image: every manifest, and config and layers of every platform,
 * each digest once. Attestations count as manifests only.
 */
export function sizeOf(tree: ManifestNode): number {
  const sizes = new Map<string, number>();
  for (const node of postOrder(tree)) {
    sizes.set(node.descriptor.digest, node.descriptor.size);
    const listed = 'manifests' in node.manifest ? node.manifest.manifests : [];
    const blobs = node.attestation ? [] : node.blobs;
    [...listed, ...blobs].forEach(d => sizes.set(d.digest, d.size));
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/**
 * BuildKit's entries for provenance and SBOMs (docs/attestations/attestation-storage.md).
 */
export function isAttestation({ platform, annotations }: Descriptor): boolean {
  return (
    annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' ||
    (platform?.os === 'unknown' && platform.architecture === 'unknown')
  );
}

async function grow(
  location: ImageLocation,
  fetched: FetchedManifest,
  attestation: boolean,
  bounds: { depth: number; budget: { left: number } },
  options: ReadTreeOptions,
): Promise<ManifestNode> {
  const { client, repository, reference } = location;
  const { manifest } = fetched;
  if ('layers' in manifest) {
    const all = [manifest.config, ...manifest.layers];
    const blobs = all.filter(blob => !isForeignLayer(blob));
    const foreign = all.filter(isForeignLayer);
    return { ...fetched, children: [], blobs, foreign, attestation };
  }
  const { depth, budget } = bounds;
  if (depth > MAX_DEPTH) {
    throw new RegistryError(
      `indexes are nested more than ${MAX_DEPTH} levels deep`,
      { host: client.host, repository, reference },
    );
  }
  const { manifests } = manifest as ImageIndex;
  const isManifest = (d: Descriptor) =>
    isIndex(d.mediaType) || isImageManifest(d.mediaType);
  const wanted = manifests
    .filter(isManifest)
    .filter(d => !options.skipAttestations || !isAttestation(d));
  budget.left -= wanted.length;
  if (budget.left < 0) {
    throw new RegistryError(`it has more than ${MAX_MANIFESTS} manifests`, {
      host: client.host,
      repository,
      reference,
    });
  }
  const children = await inParallel(
    wanted,
    client.concurrency,
    options.signal,
    async (descriptor, signal) => {
      const child = await readChild(location, descriptor, {
        ...options,
        signal,
      });
      const inner = { ...options, signal };
      const below = attestation || isAttestation(descriptor);
      return grow(location, child, below, { depth: depth + 1, budget }, inner);
    },
  );
  const blobs = manifests.filter(d => !isManifest(d) && !isForeignLayer(d));
  return { ...fetched, children, blobs, foreign: [], attestation };
}

async function readChild(
  { client, repository }: ImageLocation,
  descriptor: Descriptor,
  options: ReadTreeOptions,
): Promise<FetchedManifest & { manifest: ImageManifest | ImageIndex }> {
  const { digest, size } = descriptor;
  const child = await readManifest(
    { client, repository, reference: digest },
    options,
  );
  if (child.bytes.length !== size) {
    throw new DigestMismatchError(
      `the manifest has ${child.bytes.length} bytes, its index says ${size}`,
      { host: client.host, repository, reference: digest },
    );
  }
  // the index tells the platform, the registry does not
  return { ...child, descriptor: { ...descriptor, ...child.descriptor } };
}
