import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  catalogProcessingExtensionPoint,
  catalogServiceRef,
} from '@backstage/plugin-catalog-node';
import { ImageEntityProvider } from './ImageEntityProvider';
import { readImageEntityOptions } from './readImageEntityOptions';

const REFRESH_S = 15;

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
        logger: coreServices.logger,
        processing: catalogProcessingExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init({ config, processing, scheduler, ...deps }) {
        processing.addEntityProvider(
          ImageEntityProvider.create({
            ...deps,
            options: readImageEntityOptions(config),
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
