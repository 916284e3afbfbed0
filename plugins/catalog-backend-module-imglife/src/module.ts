import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  catalogProcessingExtensionPoint,
  catalogServiceRef,
} from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { ImageEntityProvider } from './ImageEntityProvider';
import { readImageEntityOptions } from './readImageEntityOptions';

const REFRESH_S = 60;

/**
 * Adds one `Resource` of type `container-image` per base and application
 * repository to the catalog.
 *
 * @public
 */
export const catalogModuleImglife = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'imglife',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        logger: coreServices.logger,
        processing: catalogProcessingExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init({ config, processing, scheduler, ...deps }) {
        processing.addEntityProvider(
          ImageEntityProvider.create({
            ...deps,
            options: readImageEntityOptions(config),
            now: () => new Date(),
            taskRunner: scheduler.createScheduledTaskRunner({
              frequency: { seconds: REFRESH_S },
              initialDelay: { seconds: 5 },
              timeout: { minutes: 5 },
              scope: 'global',
            }),
          }),
        );
      },
    });
  },
});
