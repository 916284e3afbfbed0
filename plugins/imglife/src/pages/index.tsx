import {
  PageBlueprint,
  PluginHeaderActionBlueprint,
  SubPageBlueprint,
} from '@backstage/frontend-plugin-api';
import { RiStackLine } from '@remixicon/react';
import { ImglifeCache } from '../hooks/ImglifeCache';
import {
  applicationsRouteRef,
  basesRouteRef,
  mirrorsRouteRef,
  rootRouteRef,
} from '../routes';

/** `/imglife`: the header with its tabs; the tabs are pages of their own. */
export const imglifePage = PageBlueprint.make({
  params: {
    path: '/imglife',
    title: 'Images',
    icon: <RiStackLine />,
    routeRef: rootRouteRef,
  },
});

/** `/imglife/mirrors` */
export const mirrorsPage = SubPageBlueprint.make({
  name: 'mirrors',
  params: {
    path: 'mirrors',
    title: 'Mirrors',
    routeRef: mirrorsRouteRef,
    loader: () =>
      import('./MirrorsPage').then(m => (
        <ImglifeCache>
          <m.MirrorsPage />
        </ImglifeCache>
      )),
  },
});

/** `/imglife/bases` */
export const basesPage = SubPageBlueprint.make({
  name: 'bases',
  params: {
    path: 'bases',
    title: 'Bases',
    routeRef: basesRouteRef,
    loader: () =>
      import('./BasesPage').then(m => (
        <ImglifeCache>
          <m.BasesPage />
        </ImglifeCache>
      )),
  },
});

/** `/imglife/applications` */
export const applicationsPage = SubPageBlueprint.make({
  name: 'applications',
  params: {
    path: 'applications',
    title: 'Applications',
    routeRef: applicationsRouteRef,
    loader: () =>
      import('./ApplicationsPage').then(m => (
        <ImglifeCache>
          <m.ApplicationsPage />
        </ImglifeCache>
      )),
  },
});

/** Sync now and Build now, for those who may. */
export const runActions = PluginHeaderActionBlueprint.make({
  name: 'runs',
  params: {
    loader: () =>
      import('./RunActions').then(m => (
        <ImglifeCache>
          <m.RunActions />
        </ImglifeCache>
      )),
  },
});
