import {
  EntityContentBlueprint,
  EntityIconLinkBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import { entityImagesRouteRef } from '../routes';
import { hasImages } from './hasImages';
import { useImagesLink } from './useImagesLink';

/** The tab "Images" on a component's page. */
export const imagesTab = EntityContentBlueprint.make({
  name: 'images',
  params: {
    path: '/images',
    title: 'Images',
    filter: hasImages,
    routeRef: entityImagesRouteRef,
    loader: () => import('./ImagesTab').then(m => <m.ImagesTab />),
  },
});

/** How many images of a component need a look, leading to them. */
export const imagesIconLink = EntityIconLinkBlueprint.make({
  name: 'images',
  params: { filter: hasImages, useProps: useImagesLink },
});
