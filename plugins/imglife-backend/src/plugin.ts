import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { imglifePermissions } from '@imglife/backstage-plugin-imglife-common';
import { ScmIntegrations } from '@backstage/integration';
import {
  ImageBuilder,
  ImageSigner,
  imglifeBuildersExtensionPoint,
  imglifeSignersExtensionPoint,
} from '@imglife/backstage-plugin-imglife-node';
import { registerActions } from './actions/registerActions';
import { buildRooms } from './buildRooms';
import { connectDatabase } from './database/connectDatabase';
import { indexSearch } from './database/indexSearch';
import type { DefinitionFile } from './definitions/combineDeclarations';
import { DatabaseDefinitionFileStore } from './definitions/DatabaseDefinitionFileStore';
import { DefinitionFiles } from './definitions/DefinitionFiles';
import { readDefinitions } from './definitions/readDefinitions';
import { createRouter } from './router/createRouter';
import { EXPORT_BUILDER } from './bases/outside/ExportBuilder';
import { allRoutes } from './router/allRoutes';
import { WriteLimit } from './router/WriteLimit';

const DUE_EVERY_S = 10;
const OWN_BUILDERS = ['embedded', EXPORT_BUILDER];

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
        if (builders.has(builder.id) || OWN_BUILDERS.includes(builder.id)) {
          throw new Error(`a builder ${builder.id} is registered already`);
        }
        builders.set(builder.id, builder);
      },
    });
    const signers = new Map<string, ImageSigner>();
    env.registerExtensionPoint(imglifeSignersExtensionPoint, {
      addSigner(signer) {
        if (signers.has(signer.id) || signer.id === 'cosign') {
          throw new Error(`a signer ${signer.id} is registered already`);
        }
        signers.set(signer.id, signer);
      },
    });
    env.registerInit({
      deps: {
        actionsRegistry: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
        urlReader: coreServices.urlReader,
      },
      async init(deps) {
        const integrations = ScmIntegrations.fromConfig(deps.config);
        const read = (files: DefinitionFile[]) =>
          readDefinitions(deps.config, {
            files,
            resolveUrl: resolved => integrations.resolveUrl(resolved),
          });
        // a wrong app-config stops the start before the database is touched
        read([]);
        const knex = await connectDatabase(deps.database);
        await indexSearch(knex, deps.logger);
        const now = () => new Date();
        const definitionFiles = DefinitionFiles.create({
          store: DatabaseDefinitionFileStore.create({ knex }),
          reader: deps.urlReader,
          read,
          now,
          logger: deps.logger,
        });
        const rooms = await buildRooms({
          ...deps,
          knex,
          definitionFiles,
          builders,
          signers,
          environment: process.env,
          now,
        });
        deps.permissionsRegistry.addPermissions(imglifePermissions);
        const routes = allRoutes({ ...deps, ...rooms });
        const writeLimit = WriteLimit.create(
          definitionFiles.definitions.applications.rateLimit,
        );
        deps.httpRouter.use(createRouter({ ...deps, routes, writeLimit }));
        registerActions({ ...deps, ...rooms, writeLimit });
        deps.httpRouter.addAuthPolicy({
          path: '/health',
          allow: 'unauthenticated',
        });
        deps.lifecycle.addStartupHook(() => rooms.start());
        deps.lifecycle.addShutdownHook(() => rooms.stop());
        if (definitionFiles.definitions.files.length) {
          // every replica takes up what one of them has read
          await deps.scheduler.scheduleTask({
            id: 'imglife-definitions',
            scope: 'local',
            frequency: { seconds: DUE_EVERY_S },
            timeout: { minutes: 1 },
            fn: () => definitionFiles.load(),
          });
        }
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
