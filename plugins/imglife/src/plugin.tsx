import { createFrontendPlugin } from '@backstage/frontend-plugin-api';
import { imglifeApi } from './api/imglifeApi';
import { baseImageCard, teamImagesCard } from './cards';
import { imagesIconLink, imagesTab } from './component';
import {
  applicationsPage,
  basesPage,
  imglifePage,
  mirrorsPage,
  runActions,
} from './pages';
import {
  applicationsRouteRef,
  basesRouteRef,
  entityImagesRouteRef,
  mirrorsRouteRef,
  rootRouteRef,
} from './routes';

/** The imglife frontend plugin. @public */
export const imglifePlugin = createFrontendPlugin({
  pluginId: 'imglife',
  title: 'Images',
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    mirrors: mirrorsRouteRef,
    bases: basesRouteRef,
    applications: applicationsRouteRef,
    entityImages: entityImagesRouteRef,
  },
  extensions: [
    imglifeApi,
    imglifePage,
    mirrorsPage,
    basesPage,
    applicationsPage,
    runActions,
    baseImageCard,
    imagesTab,
    imagesIconLink,
    teamImagesCard,
  ],
});
