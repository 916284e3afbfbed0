import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { ImageBuilder } from './ImageBuilder';

/**
 * Takes more builders of bases.
 *
 * @public
 */
export interface ImglifeBuildersExtensionPoint {
  /** @throws when there is a builder of that id already */
  addBuilder(builder: ImageBuilder): void;
}

/**
 * Adds a builder, which `imglife.bases.builder` then names by its id.
 *
 * @public
 */
export const imglifeBuildersExtensionPoint =
  createExtensionPoint<ImglifeBuildersExtensionPoint>({
    id: 'imglife.builders',
  });
