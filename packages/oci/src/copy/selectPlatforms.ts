import { digestOf } from '../digest';
import { RegistryError } from '../errors';
import type { Descriptor, ImageIndex } from '../manifests';
import { isImageConfig } from '../mediaTypes';
import { parseImageConfig } from '../parseManifest';
import { formatPlatform, parsePlatform } from '../Platform';
import {
  isAttestation,
  postOrder,
  type ImageLocation,
  type ManifestNode,
} from '../readImageTree';

/** What of an image is copied. */
export interface PlatformSelection {
  tree: ManifestNode;
  /** The tree's index is a new one, of fewer children. */
  rewritten: boolean;
  /** Wanted platforms that upstream does not have. */
  absent: string[];
}

const REFERENCE_DIGEST = 'vnd.docker.reference.digest';

/** Platform of each image of a tree by its digest, `os/architecture[/variant]`. */
export type KnownPlatforms = ReadonlyMap<string, string>;

/**
 * The platforms of a tree's images: as their index says, or else their
 * configs. Artifacts and attestations have none.
 */
export async function readPlatforms(
  tree: ManifestNode,
  { client, repository }: ImageLocation,
  signal?: AbortSignal,
): Promise<KnownPlatforms> {
  const platforms = new Map<string, string>();
  for (const node of postOrder(tree)) {
    const { manifest, descriptor, attestation } = node;
    const isImage =
      !attestation &&
      'config' in manifest &&
      isImageConfig(manifest.config.mediaType);
    if (isImage) {
      const told =
        descriptor.platform ??
        parseImageConfig(
          await client.readBlob(repository, manifest.config, { signal }),
        );
      if (told.os && told.architecture) {
        platforms.set(descriptor.digest, formatPlatform(told));
      }
    }
  }
  return platforms;
}

/**
 * Leaves the wanted platforms of an image. An index that loses no child keeps
 * its very bytes; else it is written anew with the entries that stay as they
 * are, in their order: images of wanted platforms, their attestations, and what
 * names no platform (OCI image-spec, image-index.md).
 *
 * @param wanted - as people write them; compared normalised
 * @throws RegistryError - upstream has none of them
 */
export function selectPlatforms(
  tree: ManifestNode,
  platforms: KnownPlatforms,
  wanted: string[],
  location: ImageLocation,
): PlatformSelection {
  const names = new Set(
    wanted.map(text => formatPlatform(parsePlatform(text))),
  );
  const found = new Set(platforms.values());
  const absent = [...names].filter(name => !found.has(name));
  if (found.size > 0 && absent.length === names.size) {
    const { client, repository, reference } = location;
    throw new RegistryError(
      `it has none of the wanted platforms ${[...names].join(', ')}; it has ${[
        ...found,
      ].join(', ')}`,
      { host: client.host, repository, reference },
    );
  }
  const isWanted = (digest: string) => {
    const platform = platforms.get(digest);
    return platform === undefined ? undefined : names.has(platform);
  };
  const selected = prune(tree, isWanted);
  return { tree: selected, rewritten: selected !== tree, absent };
}

/** undefined: no image, so of no platform. */
type IsWanted = (digest: string) => boolean | undefined;

function prune(node: ManifestNode, isWanted: IsWanted): ManifestNode {
  if (!('manifests' in node.manifest)) {
    return node;
  }
  const images = new Map(
    node.children.flatMap(child => {
      const kept = keepImage(child, isWanted);
      return kept ? [[child.descriptor.digest, kept] as const] : [];
    }),
  );
  const isKept = (entry: Descriptor) => {
    const child = node.children.find(
      each => each.descriptor.digest === entry.digest,
    );
    const subject = child && statementOf(entry, child);
    return subject === undefined
      ? !child || images.has(entry.digest)
      : images.has(subject);
  };
  const entries = node.manifest.manifests;
  const isSame = entries.every(
    entry =>
      isKept(entry) &&
      (images.get(entry.digest)?.descriptor.digest ?? entry.digest) ===
        entry.digest,
  );
  return isSame ? node : rewrite(node, isKept, images);
}

/** The child as it stays, or undefined when it is of another platform. */
function keepImage(
  child: ManifestNode,
  isWanted: IsWanted,
): ManifestNode | undefined {
  if ('manifests' in child.manifest) {
    const below = postOrder(child).map(inner =>
      isWanted(inner.descriptor.digest),
    );
    const isForeign = below.includes(false) && !below.includes(true);
    return isForeign ? undefined : prune(child, isWanted);
  }
  return isWanted(child.descriptor.digest) === false ? undefined : child;
}

/** Digest of the image that an entry is a statement about, if it is one. */
function statementOf(
  entry: Descriptor,
  child: ManifestNode,
): string | undefined {
  return isAttestation(entry)
    ? entry.annotations?.[REFERENCE_DIGEST] ??
        child.manifest.subject?.digest ??
        ''
    : undefined;
}

function rewrite(
  node: ManifestNode,
  isKept: (entry: Descriptor) => boolean,
  images: ReadonlyMap<string, ManifestNode>,
): ManifestNode {
  const original = JSON.parse(node.bytes.toString('utf8')) as ImageIndex;
  const manifests = original.manifests.filter(isKept).map(entry => {
    const child = images.get(entry.digest);
    const { digest, size } = child?.descriptor ?? entry;
    return { ...entry, digest, size };
  });
  const bytes = Buffer.from(JSON.stringify({ ...original, manifests }));
  const children = node.children
    .filter(child => isKept(child.descriptor))
    .map(child => images.get(child.descriptor.digest) ?? child);
  const blobs = node.blobs.filter(isKept);
  return {
    ...node,
    bytes,
    manifest: { ...(node.manifest as ImageIndex), manifests },
    descriptor: {
      ...node.descriptor,
      digest: digestOf(bytes),
      size: bytes.length,
    },
    children,
    blobs,
  };
}
