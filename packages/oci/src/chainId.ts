import { createHash } from 'node:crypto';

/**
 * The diffID of the empty layer (1,024 zero bytes) that builders write for
 * instructions without files. It says nothing about a base.
 *
 * @public
 */
export const EMPTY_LAYER_DIFF_ID =
  'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

/**
 * The chainIDs of every prefix, shortest first (OCI image-spec config.md,
 * "Layer ChainID"). Empty layers are left out, so that they neither break nor
 * make a match.
 *
 * @public
 */
export function chainIds(diffIds: string[]): string[] {
  const chains: string[] = [];
  for (const diffId of diffIds) {
    if (diffId === EMPTY_LAYER_DIFF_ID) {
      continue;
    }
    const parent = chains.at(-1);
    chains.push(
      parent === undefined
        ? diffId
        : `sha256:${createHash('sha256')
            .update(`${parent} ${diffId}`)
            .digest('hex')}`,
    );
  }
  return chains;
}

/** The chainID of all layers; undefined for an image without layers. @public */
export function chainId(diffIds: string[]): string | undefined {
  return chainIds(diffIds).at(-1);
}
