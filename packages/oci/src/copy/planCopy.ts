import { inParallel } from '../inParallel';
import { postOrder } from '../readImageTree';
import { findNear, readCopy, type CopyOptions } from './copyImage';
import { readPlatforms } from './selectPlatforms';

/** What a copy would do. */
export interface CopyPlan {
  /** That the target's tag would have. */
  digest: string;
  /** At the source. */
  upstreamDigest: string;
  rewritten: boolean;
  /** Of blobs that neither the target's repository has nor one it is known to mount from. */
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
  const { source, target, ledger, signal } = options;
  const { tree, upstreamDigest, rewritten, notes } = await readCopy({
    ...options,
    near: await findNear(options),
  });
  const blobs = new Map(
    postOrder(tree)
      .flatMap(node => node.blobs)
      .map(blob => [blob.digest, blob]),
  );
  await ledger?.consult(target.client.host, [...blobs.keys()]);
  const missing = await inParallel(
    [...blobs.values()],
    target.client.concurrency,
    signal,
    async (blob, either) => {
      const { client, repository } = target;
      const { digest, size } = blob;
      const other = ledger?.hints(client.host, digest)[0] ?? repository;
      const at = { signal: either };
      const isThere =
        (await client.headBlob(repository, digest, at)) ||
        (other !== repository && (await client.headBlob(other, digest, at)));
      return isThere ? 0 : size;
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
