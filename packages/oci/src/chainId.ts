import { digestOf } from './digest';

/**
 * diffID of the layer Docker writes for an instruction that changes no file:
 * sha256 of 1024 zero bytes, the shortest tar.
 */
export const EMPTY_LAYER_DIFF_ID =
  'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

/**
 * ChainIDs of every prefix of the layers, shortest first (OCI image-spec,
 * config.md "Layer ChainID"). The empty layer is left out: it changes no
 * file system, and builders disagree on whether to write it.
 *
 * @param diffIds - `rootfs.diff_ids` of a config, bottom layer first.
 */
export function chainIds(diffIds: string[]): string[] {
  const chains: string[] = [];
  for (const diffId of diffIds) {
    if (diffId === EMPTY_LAYER_DIFF_ID) {
      continue;
    }
    const below = chains.at(-1);
    chains.push(
      below === undefined
        ? diffId
        : digestOf(Buffer.from(`${below} ${diffId}`)),
    );
  }
  return chains;
}

/** ChainID of all layers by the rule of {@link chainIds}; undefined for no layer. */
export function chainId(diffIds: string[]): string | undefined {
  return chainIds(diffIds).at(-1);
}
