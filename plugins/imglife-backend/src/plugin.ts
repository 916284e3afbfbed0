import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { imglifePermissions } from '@imglife/backstage-plugin-imglife-common';
import {
  ImageBuilder,
  imglifeBuildersExtensionPoint,
} from '@imglife/backstage-plugin-imglife-node';
import { buildRooms } from './buildRooms';
import { connectDatabase } from './database/connectDatabase';
import { readDefinitions } from './definitions/readDefinitions';
import { createRouter } from './router/createRouter';
import { allRoutes } from './router/allRoutes';

const DUE_EVERY_S = 10;

/**
 * Mirrors, bases and applications: syncs, builds, tracks and judges container
 * images. Extended through `@imglife/backstage-plugin-imglife-node`.
 *
 * @public
 */
export const imglifePlugin = createBackendPlugin({
  pluginId: 'imglife',
  register(env) {
    const builders = new Map<string, ImageBuilder>();
    env.registerExtensionPoint(imglifeBuildersExtensionPoint, {
      addBuilder(builder) {
        if (builders.has(builder.id) || builder.id === 'embedded') {
          throw new Error(`a builder ${builder.id} is registered already`);
        }
        builders.set(builder.id, builder);
      },
    });
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
      },
      async init(deps) {
        const definitions = readDefinitions(deps.config);
        const knex = await connectDatabase(deps.database);
        const rooms = await buildRooms({
          ...deps,
          knex,
          definitions,
          builders,
          now: () => new Date(),
        });
        deps.permissionsRegistry.addPermissions(imglifePermissions);
        const routes = allRoutes({ ...deps, ...rooms });
        deps.httpRouter.use(createRouter({ ...deps, routes }));
        deps.httpRouter.addAuthPolicy({
          path: '/health',
          allow: 'unauthenticated',
        });
        deps.lifecycle.addStartupHook(() => rooms.start());
        deps.lifecycle.addShutdownHook(() => rooms.stop());
        await deps.scheduler.scheduleTask({
          id: 'imglife-due',
          scope: 'global',
          frequency: { seconds: DUE_EVERY_S },
          timeout: { minutes: 1 },
          fn: () => rooms.due(),
        });
      },
    });
  },
});
