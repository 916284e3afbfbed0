import {
  PageBlueprint,
  PluginHeaderActionBlueprint,
  SubPageBlueprint,
} from '@backstage/frontend-plugin-api';
import { RiStackLine } from '@remixicon/react';
import {
  activityRouteRef,
  applicationsRouteRef,
  basesRouteRef,
  mirrorsRouteRef,
  overviewRouteRef,
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

/** `/imglife/overview` */
export const overviewPage = SubPageBlueprint.make({
  name: 'overview',
  params: {
    path: 'overview',
    title: 'Overview',
    routeRef: overviewRouteRef,
    loader: () => import('./Overview').then(m => <m.OverviewPage />),
  },
});

/** `/imglife/activity` */
export const activityPage = SubPageBlueprint.make({
  name: 'activity',
  params: {
    path: 'activity',
    title: 'Activity',
    routeRef: activityRouteRef,
    loader: () => import('./Activity').then(m => <m.ActivityPage />),
  },
});

/** `/imglife/mirrors` */
export const mirrorsPage = SubPageBlueprint.make({
  name: 'mirrors',
  params: {
    path: 'mirrors',
    title: 'Mirrors',
    routeRef: mirrorsRouteRef,
    loader: () => import('./MirrorsPage').then(m => <m.MirrorsPage />),
  },
});

/** `/imglife/bases` */
export const basesPage = SubPageBlueprint.make({
  name: 'bases',
  params: {
    path: 'bases',
    title: 'Bases',
    routeRef: basesRouteRef,
    loader: () => import('./BasesPage').then(m => <m.BasesPage />),
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
      import('./ApplicationsPage').then(m => <m.ApplicationsPage />),
  },
});

/** Sync now and Build now, for those who may. */
export const runActions = PluginHeaderActionBlueprint.make({
  name: 'runs',
  params: {
    loader: () => import('./RunActions').then(m => <m.RunActions />),
  },
});
