import { createFrontendPlugin } from '@backstage/frontend-plugin-api';
import { imglifeApi } from './api/imglifeApi';
import { baseImageCard, teamImagesCard } from './cards';
import { imagesIconLink, imagesTab } from './component';
import {
  activityPage,
  applicationsPage,
  basesPage,
  imglifePage,
  mirrorsPage,
  overviewPage,
  runActions,
} from './pages';
import {
  activityRouteRef,
  applicationsRouteRef,
  basesRouteRef,
  entityImagesRouteRef,
  mirrorsRouteRef,
  overviewRouteRef,
  rootRouteRef,
} from './routes';

/** The imglife frontend plugin. @public */
export const imglifePlugin = createFrontendPlugin({
  pluginId: 'imglife',
  title: 'Images',
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    overview: overviewRouteRef,
    mirrors: mirrorsRouteRef,
    bases: basesRouteRef,
    applications: applicationsRouteRef,
    activity: activityRouteRef,
    entityImages: entityImagesRouteRef,
  },
  extensions: [
    imglifeApi,
    imglifePage,
    overviewPage,
    mirrorsPage,
    basesPage,
    applicationsPage,
    activityPage,
    runActions,
    baseImageCard,
    imagesTab,
    imagesIconLink,
    teamImagesCard,
  ],
});
