import { createRouteRef } from '@backstage/frontend-plugin-api';

/** The page of the three tiers. */
export const rootRouteRef = createRouteRef();

/** What the platform team looks at first. */
export const overviewRouteRef = createRouteRef();

/** Runs, and what changed. */
export const activityRouteRef = createRouteRef();

/** The mirrors table. */
export const mirrorsRouteRef = createRouteRef();

/** The bases table. */
export const basesRouteRef = createRouteRef();

/** The applications table. */
export const applicationsRouteRef = createRouteRef();

/** The tab "Images" of an entity's page. */
export const entityImagesRouteRef = createRouteRef({
  params: ['namespace', 'kind', 'name'],
});
