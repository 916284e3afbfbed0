import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { ImageSigner } from './ImageSigner';

/**
 * Takes more signers of bases.
 *
 * @public
 */
export interface ImglifeSignersExtensionPoint {
  /** @throws when there is a signer of that id already */
  addSigner(signer: ImageSigner): void;
}

/**
 * Adds a signer, which `imglife.bases.sign` then names by its id.
 *
 * @public
 */
export const imglifeSignersExtensionPoint =
  createExtensionPoint<ImglifeSignersExtensionPoint>({
    id: 'imglife.signers',
  });
