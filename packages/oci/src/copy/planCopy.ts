import { inParallel } from '../inParallel';
import { postOrder } from '../readImageTree';
import { readCopy, type CopyOptions } from './copyImage';
import { readPlatforms } from './selectPlatforms';

/** What a copy would do. */
export interface CopyPlan {
  /** That the target's tag would have. */
  digest: string;
  /** At the source. */
  upstreamDigest: string;
  rewritten: boolean;
  /** Of blobs that the target's repository lacks; less where they can be mounted. */
  bytesToMove: number;
  /** Normalised. */
  platforms: string[];
  notes: string[];
}

/** Decides as {@link copyImage} would, and writes nothing. Throws as it does. */
export async function planCopy(
  options: Pick<
    CopyOptions,
    'source' | 'target' | 'platforms' | 'referrers' | 'ledger' | 'signal'
  >,
): Promise<CopyPlan> {
  const { source, target, signal } = options;
  const { tree, upstreamDigest, rewritten, notes } = await readCopy(options);
  const blobs = new Map(
    postOrder(tree)
      .flatMap(node => node.blobs)
      .map(blob => [blob.digest, blob]),
  );
  const missing = await inParallel(
    [...blobs.values()],
    target.client.concurrency,
    signal,
    async (blob, either) => {
      const present = await target.client.headBlob(
        target.repository,
        blob.digest,
        { signal: either },
      );
      return present ? 0 : blob.size;
    },
  );
  const platforms = await readPlatforms(tree, source, signal);
  return {
    digest: tree.descriptor.digest,
    upstreamDigest,
    rewritten,
    bytesToMove: missing.reduce((sum, size) => sum + size, 0),
    platforms: [...new Set(platforms.values())],
    notes,
  };
}
