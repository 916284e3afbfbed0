import { inParallel } from '../inParallel';
import {
  postOrder,
  readImageTree,
  type ImageLocation,
  type ManifestNode,
  type NearRepository,
} from '../readImageTree';
import { DigestTags } from '../referrers/DigestTags';
import type { RegistryClient } from '../RegistryClient';
import { BlobLedger } from './BlobLedger';
import { TreeWriter } from './TreeWriter';

/** Which referrers to bring where. */
export interface CopyReferrersOptions {
  /** The image at the source; its reference is a digest. */
  source: ImageLocation;
  target: { client: RegistryClient; repository: string };
  ledger?: BlobLedger;
  /** Where manifests are read before the source is asked. */
  near?: NearRepository;
  signal?: AbortSignal;
  onBytes?(count: number): void;
}

const MAX_REFERRERS = 1000;

/**
 * Brings what refers to an image that is at the target already: signatures come
 * minutes after their image. The image is read at the target, so that a quota
 * of the source is not touched by it. Where the source is known to keep
 * referrers as tags, and its list has none of those, nothing is asked. Answers
 * how many manifests were copied, the bytes of their blobs, and the digests of both.
 *
 * Throws RegistryError, or the signal's reason.
 */
export async function copyReferrers(
  options: CopyReferrersOptions,
): Promise<{ copied: number; bytesMoved: number; contents: string[] }> {
  const { source, target, signal } = options;
  const ledger = options.ledger ?? BlobLedger.create();
  if (
    !source.client.mayHaveReferrersApi(source.repository) &&
    (await digestTagsAt(source, { ledger, signal })).isEmpty
  ) {
    return { copied: 0, bytesMoved: 0, contents: [] };
  }
  const tree = await readImageTree(
    { ...target, reference: source.reference },
    { signal, ledger },
  );
  const writer = TreeWriter.create({ ...options, ledger });
  const copied = await copyReferrersOf(tree, writer, {
    ...options,
    ledger,
    rewritten: false,
  });
  const { bytesMoved, contents } = writer;
  return { copied, bytesMoved, contents };
}

/**
 * Brings the referrers and digest tags of every image of a tree.
 *
 * @returns how many manifests the target did not have
 */
export async function copyReferrersOf(
  tree: ManifestNode,
  writer: TreeWriter,
  options: CopyReferrersOptions & { ledger: BlobLedger; rewritten: boolean },
): Promise<number> {
  const { source, rewritten, signal } = options;
  // upstream knows nothing of an index that we wrote
  const subjects = postOrder(tree)
    .filter(node => !node.attestation)
    .filter(node => !rewritten || node !== tree)
    .map(node => node.descriptor.digest);
  const walk: Walk = {
    ...options,
    writer,
    digestTags: await digestTagsAt(source, options),
    seen: new Set(subjects),
  };
  const copied = await inParallel(
    [...new Set(subjects)],
    source.client.concurrency,
    signal,
    (digest, either) => copyOf(digest, { ...walk, signal: either }),
  );
  return copied.reduce((sum, count) => sum + count, 0);
}

interface Walk extends CopyReferrersOptions {
  ledger: BlobLedger;
  writer: TreeWriter;
  /** Of the source. */
  digestTags: DigestTags;
  /** Subjects that were begun: referrers may go in a circle. */
  seen: Set<string>;
}

async function copyOf(subject: string, walk: Walk): Promise<number> {
  const { source, target, signal, ledger, near, writer, seen, digestTags } =
    walk;
  const listed = await source.client.listReferrers(source.repository, subject, {
    signal,
    digestTags,
  });
  const present = listed.length
    ? await target.client.listReferrers(target.repository, subject, { signal })
    : [];
  const known = new Set(present.map(({ digest }) => digest));
  let copied = 0;
  for (const { digest } of listed) {
    if (!known.has(digest)) {
      const tree = await readImageTree(
        { ...source, reference: digest },
        { signal, ledger, near },
      );
      await writer.writeBelow(tree);
      await writer.publish(tree);
      copied += 1;
    }
    if (!seen.has(digest) && seen.size < MAX_REFERRERS) {
      seen.add(digest);
      copied += await copyOf(digest, walk);
    }
  }
  return copied + (await copyDigestTags(subject, walk));
}

/** cosign's `sha256-….sig` and its like. */
async function copyDigestTags(subject: string, walk: Walk): Promise<number> {
  const { source, target, signal, ledger, near, writer, digestTags } = walk;
  let copied = 0;
  for (const tag of digestTags.of(subject)) {
    const [wanted, present] = await Promise.all([
      source.client.headManifest(source.repository, tag, { signal }),
      target.client.headManifest(target.repository, tag, { signal }),
    ]);
    if (wanted && wanted.digest !== present?.digest) {
      const tree = await readImageTree(
        { ...source, reference: wanted.digest },
        { signal, ledger, near },
      );
      await writer.writeBelow(tree);
      await writer.publish(tree, tag);
      copied += 1;
    }
  }
  return copied;
}

/** By the list of tags of this run. */
function digestTagsAt(
  { client, repository }: Pick<ImageLocation, 'client' | 'repository'>,
  { ledger, signal }: { ledger: BlobLedger; signal?: AbortSignal },
): Promise<DigestTags> {
  return ledger.digestTags({ host: client.host, repository }, () =>
    client.listTags(repository, { signal }),
  );
}
