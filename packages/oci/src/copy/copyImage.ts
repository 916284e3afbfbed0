import { isDigest } from '../digest';
import { RegistryError } from '../errors';
import {
  contentsOf,
  postOrder,
  readImageTree,
  sizeOf,
  type ImageLocation,
  type ManifestNode,
  type NearRepository,
} from '../readImageTree';
import type { RegistryClient } from '../RegistryClient';
import { readPlatformImages, type PlatformImage } from '../resolveImage';
import { BlobLedger } from './BlobLedger';
import { copyReferrersOf } from './copyReferrers';
import { readPlatforms, selectPlatforms } from './selectPlatforms';
import { TreeWriter } from './TreeWriter';

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
  /** Wanted platforms, compared normalised; absent: all. */
  platforms?: string[];
  /** Whether referrers and digest tags (cosign's) travel too. Default false. */
  referrers?: boolean;
  /** Shared by the copies of one run. */
  ledger?: BlobLedger;
  signal?: AbortSignal;
  /** Called with the bytes of layers and configs as they pass; a repeated byte counts once. */
  onBytes?(count: number): void;
}

/** What a copy has published. */
export interface CopyResult {
  /** At the target. */
  digest: string;
  /** At the source; another one only when `rewritten`. */
  upstreamDigest: string;
  /** The platforms are a part of upstream's, so that the index is a new one. */
  rewritten: boolean;
  mediaType: string;
  /** Every manifest, and config and layers of every platform, each digest once. */
  sizeBytes: number;
  /** Layers and configs that were sent; what was there or mounted is not. */
  bytesMoved: number;
  /** Normalised, in the index's order. */
  platforms: string[];
  images: PlatformImage[];
  /** Signatures, SBOMs and the like that were not at the target yet. */
  referrersCopied: number;
  /** What people should know of this copy. */
  notes: string[];
  /** Digests of all manifests and blobs that the target has by it, referrers included. */
  contents: string[];
}

/** An image as it is to be at the target. */
export interface ReadCopy {
  /** At the source. */
  upstreamDigest: string;
  tree: ManifestNode;
  rewritten: boolean;
  notes: string[];
}

/**
 * Copies an image or index byte for byte, with every platform and attestation,
 * or the part of it that has the wanted platforms. The tag is published last,
 * after every blob, child and referrer is at the target, so that no reader
 * sees a broken tag, whenever the process dies. Always copies: whoever wants to
 * skip what is equal compares HEADs first. Foreign layers are not copied, their
 * URLs travel in the manifest.
 *
 * Throws RegistryError of source or target, DigestMismatchError for content
 * that is not what its descriptor says, or the signal's reason.
 */
export async function copyImage(options: CopyOptions): Promise<CopyResult> {
  const { source, target, signal } = options;
  const ledger = options.ledger ?? BlobLedger.create();
  const near = await findNear({ ...options, ledger });
  const { tree, upstreamDigest, rewritten, notes } = await readCopy({
    ...options,
    ledger,
    near,
  });
  await ledger.consult(target.client.host, contentsOf(tree));
  const { images, configs } = await readPlatformImages(source, tree, {
    signal,
    ledger,
    near: target.client,
  });
  const writer = TreeWriter.create({ ...options, ledger, configs, near });
  await writer.writeBelow(tree);
  const referrersCopied = options.referrers
    ? await copyReferrersOf(tree, writer, {
        ...options,
        ledger,
        near,
        rewritten,
      })
    : 0;
  await writer.publish(tree, target.tag);
  const { mediaType, digest } = tree.descriptor;
  return {
    digest,
    upstreamDigest,
    rewritten,
    mediaType,
    sizeBytes: sizeOf(tree),
    bytesMoved: writer.bytesMoved,
    platforms: [...new Set(images.map(image => image.platform))],
    images,
    referrersCopied,
    notes,
    contents: writer.contents,
  };
}

/** Reads what is to be copied. Throws as {@link copyImage}. */
export async function readCopy(
  options: Pick<
    CopyOptions,
    'source' | 'platforms' | 'ledger' | 'signal' | 'referrers'
  > & { near?: NearRepository },
): Promise<ReadCopy> {
  const { source, platforms: wanted, ledger, near, signal } = options;
  const tree = await readImageTree(source, { signal, ledger, near });
  const upstreamDigest = tree.descriptor.digest;
  const foreign = postOrder(tree).flatMap(node => node.foreign);
  const notes = foreign.length
    ? [`${foreign.length} layers stay where their publisher keeps them`]
    : [];
  if (!wanted?.length) {
    return { tree, upstreamDigest, rewritten: false, notes };
  }
  const platforms = await readPlatforms(tree, source, signal);
  if (!platforms.size) {
    throw new RegistryError('it has no platforms to choose from', {
      host: source.client.host,
      repository: source.repository,
      reference: source.reference,
    });
  }
  const selection = selectPlatforms(tree, platforms, wanted, source);
  if (selection.absent.length) {
    notes.push(`upstream has no ${selection.absent.join(', ')}`);
  }
  if (selection.rewritten && options.referrers) {
    notes.push(
      'signatures of the whole index stay behind: without the other platforms its digest is another',
    );
  }
  return {
    tree: selection.tree,
    upstreamDigest,
    rewritten: selection.rewritten,
    notes,
  };
}

/** Another repository of the target's registry that is said to have the image. */
export async function findNear({
  source,
  target,
  ledger,
}: Pick<CopyOptions, 'source' | 'target' | 'ledger'>): Promise<
  NearRepository | undefined
> {
  const { reference } = source;
  if (!ledger || !isDigest(reference)) {
    return undefined;
  }
  const { client } = target;
  await ledger.consult(client.host, [reference]);
  const [repository] = ledger.hints(client.host, reference);
  return repository === undefined ? undefined : { client, repository };
}
