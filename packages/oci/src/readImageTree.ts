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

/** How a tree is read. */
export interface ReadTreeOptions {
  signal?: AbortSignal;
  skipAttestations?: boolean;
  /** Manifests that were read before in this run. */
  ledger?: BlobLedger;
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
  { ledger, signal }: ReadTreeOptions,
): Promise<FetchedManifest> {
  const read = () => client.getManifest(repository, reference, { signal });
  return ledger && isDigest(reference)
    ? ledger.manifest(reference, read)
    : read();
}

/** Every node of a tree, children before parents. */
export function postOrder(node: ManifestNode): ManifestNode[] {
  return [...node.children.flatMap(postOrder), node];
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
