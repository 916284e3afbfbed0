import type {
  AuthService,
  LoggerService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type {
  ImageBuilder,
  ImageSigner,
} from '@imglife/backstage-plugin-imglife-node';
import { BlobPlaces } from '@imglife/oci';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { DatabaseAdoptionStore } from './adoption/DatabaseAdoptionStore';
import { DefaultPathAdopter } from './adoption/DefaultPathAdopter';
import { PushedTiers } from './adoption/PushedTiers';
import { ApplicationScanner } from './applications/ApplicationScanner';
import { RegistryWebhooks } from './applications/RegistryWebhooks';
import type { ApplicationService } from './applications/ApplicationService';
import { CatalogEntityMapper } from './applications/CatalogEntityMapper';
import { DatabaseApplicationStore } from './applications/DatabaseApplicationStore';
import { DefaultApplicationService } from './applications/DefaultApplicationService';
import type { BaseExporter } from './bases/outside/BaseExporter';
import type { ReportedBases } from './bases/outside/ReportedBases';
import type { BaseTagService } from './bases/BaseTagService';
import { createBaseRoom } from './bases/createBaseRoom';
import { DatabaseDefinitionStore } from './definitions/DatabaseDefinitionStore';
import { declaredEntries } from './definitions/declaredEntries';
import type { DefinitionFiles } from './definitions/DefinitionFiles';
import { PortalImageEvents } from './hooks/ImageEvents';
import { DatabaseLifecycleStore } from './lifecycle/DatabaseLifecycleStore';
import { DefaultLifecycleService } from './lifecycle/DefaultLifecycleService';
import { DatabaseMirrorStore } from './mirrors/DatabaseMirrorStore';
import { DefaultMirrorService } from './mirrors/DefaultMirrorService';
import { MovedTags } from './mirrors/MovedTags';
import { DefaultRegistries } from './registries/DefaultRegistries';
import { DatabaseRetentionStore } from './retention/DatabaseRetentionStore';
import { DefaultRetentionService } from './retention/DefaultRetentionService';
import { ImageRestorer } from './retention/ImageRestorer';
import type { RetentionService } from './retention/RetentionService';
import { createRunQueue } from './runs/createRunQueue';
import { DatabaseRunStore } from './runs/DatabaseRunStore';
import { DefaultRunService } from './runs/DefaultRunService';
import { DueWork } from './runs/DueWork';
import { targetsOf, timeoutsOf } from './runs/runLimits';
import type { RunService } from './runs/RunService';
import { atMostEvery } from './atMostEvery';
import { inOrder } from './inOrder';
import { onceADay } from './onceADay';
import { createStatusRoom } from './status/createStatusRoom';
import { DefaultStatusRecomputer } from './status/DefaultStatusRecomputer';
import type { StatusService } from './status/StatusService';

const ADOPTION_EVERY_MS = 3_600_000;

/** What {@link buildRooms} builds on. */
export interface RoomsOptions {
  auth: AuthService;
  catalog: CatalogService;
  urlReader: UrlReaderService;
  events: EventsService;
  /** of the portal; it may have no such plugin */
  notifications: NotificationService;
  logger: LoggerService;
  knex: Knex;
  definitionFiles: DefinitionFiles;
  /** builders of other modules, by id */
  builders: ReadonlyMap<string, ImageBuilder>;
  /** signers of other modules, by id */
  signers: ReadonlyMap<string, ImageSigner>;
  /** of the process; builders get a few of its variables */
  environment: NodeJS.ProcessEnv;
  now: () => Date;
}

/** The services of the plugin, wired, and what moves them. */
export interface Rooms {
  applications: ApplicationService;
  baseTags: BaseTagService;
  exporter: BaseExporter;
  reportedBases: ReportedBases;
  movedTags: MovedTags;
  runs: RunService;
  retention: RetentionService;
  status: StatusService;
  /** Begins to work on runs; verdicts follow the policy of this start. */
  start(): Promise<void>;
  /** Queues what is due; called by the scheduled task. */
  due(): Promise<void>;
  /** Gives running work back to the queue and closes connections. */
  stop(): Promise<void>;
}

/** Builds every room of the plugin on one database client. */
export async function buildRooms(options: RoomsOptions): Promise<Rooms> {
  const { knex, definitionFiles, logger, now, auth, catalog } = options;
  const { definitions } = definitionFiles;
  await definitionFiles.load();
  const registries = DefaultRegistries.create({ definitions, logger });
  const lifecycle = DefaultLifecycleService.create({
    store: DatabaseLifecycleStore.create({ knex }),
    url: definitions.lifecycle.url,
    overridesFile: definitions.lifecycle.overridesFile,
    definitions,
    now,
    logger,
  });
  await lifecycle.seed();
  const imageEvents = PortalImageEvents.create(options);
  const recomputer = DefaultStatusRecomputer.create({
    knex,
    imageEvents,
    lifecycle,
    definitions,
    now,
    logger,
  });
  const applicationStore = DatabaseApplicationStore.create({ knex });
  const applications = DefaultApplicationService.create({
    definitions,
    registries,
    store: applicationStore,
    entities: CatalogEntityMapper.create({ auth, catalog, now }),
    recomputer,
    imageEvents,
    now,
    logger,
  });
  const tier = {
    ...{ definitions, registries, lifecycle, recomputer },
    ...{ imageEvents, now, logger },
  };
  const bases = await createBaseRoom({ ...options, ...tier });
  const adoptionStore = DatabaseAdoptionStore.create({ knex });
  const adopter = DefaultPathAdopter.create({ ...tier, store: adoptionStore });
  const scanner = ApplicationScanner.create({
    ...tier,
    store: applicationStore,
    applications,
    adopter,
  });
  const mirrorStore = DatabaseMirrorStore.create({ knex });
  const places = BlobPlaces.create();
  const mirrorTier = { ...tier, store: mirrorStore, places };
  const retentionTier = {
    ...tier,
    store: DatabaseRetentionStore.create({ knex }),
    planned: bases.planned,
  };
  const restorer = ImageRestorer.create(retentionTier);
  const handlers = [
    DefaultMirrorService.create(mirrorTier),
    DefaultMirrorService.create({ ...mirrorTier, kind: 'verify' }),
    bases.builds,
    scanner,
    DefaultRetentionService.create(retentionTier),
    restorer,
    { kind: 'lifecycle' as const, run: lifecycle.refresh.bind(lifecycle) },
  ];
  const declared = DatabaseDefinitionStore.create({ knex, now });
  await declared.declare(declaredEntries(definitions));
  const dueWork = DueWork.create({
    knex,
    definitions,
    store: declared,
    now,
    logger,
  });
  const runStore = DatabaseRunStore.create({ knex });
  const runs = DefaultRunService.create({
    store: runStore,
    queue: await createRunQueue({ knex, logger }),
    // another replica may have taken up definitions that this one has not
    handlers: handlers.map(handler => ({
      kind: handler.kind,
      async run(context) {
        await definitionFiles.load();
        await handler.run(context);
      },
    })),
    timeoutsMs: timeoutsOf(definitions),
    targets: targetsOf(definitions),
    onEnd: dueWork.onEnd,
    newId: randomUUID,
    now,
    logger,
  });
  const webhooks = RegistryWebhooks.create({
    events: options.events,
    registries,
    definitions,
    scanner,
    tiers: PushedTiers.create({ ...tier, store: adoptionStore, adopter, runs }),
    runs,
    logger,
  });
  const statusRoom = createStatusRoom({
    ...options,
    ...tier,
    definitionFiles,
    lastFinished: () => runStore.lastFinished(),
  });
  let revision = definitionFiles.revision;
  const redeclare = async () => {
    await definitionFiles.load();
    if (definitionFiles.revision !== revision) {
      await declared.declare(declaredEntries(definitions));
      await applications.applyExemptions();
      await recomputer.recompute('definitions changed');
      revision = definitionFiles.revision;
    }
  };
  const remap = atMostEvery(
    definitions.applications.mapping.frequencyMs,
    now,
    () => applications.remapEntities(),
  );
  const keepAdoption = atMostEvery(ADOPTION_EVERY_MS, now, () =>
    statusRoom.keepAdoption(),
  );
  const daily = onceADay(now, async () => {
    await applications.retireAged();
    await applications.applyExemptions();
    await recomputer.recompute('end-of-life dates', { recount: true });
  });
  return {
    applications,
    ...bases.services((target, actor) =>
      runs.start({ kind: 'build', target }, { trigger: 'event', actor }),
    ),
    movedTags: MovedTags.create({ registries, store: mirrorStore, runs, now }),
    runs,
    retention: restorer.service(runs),
    status: statusRoom.status,
    async start() {
      await applications.applyExemptions();
      await recomputer.recompute('start', { recount: true });
      await runs.startWorkers({
        ...definitions.workers,
        lifecycle: 1,
        scan: 1,
        verify: 1,
        retention: 1,
        restore: 1,
      });
      await webhooks.start();
    },
    due: () =>
      // what fails of it must not keep the rest from being done
      inOrder([
        () => definitionFiles.refresh(),
        redeclare,
        () => runs.reconcile(),
        () => dueWork.queue(runs),
        daily,
        remap,
        keepAdoption,
        () => statusRoom.tellOwners(),
      ]),
    async stop() {
      await webhooks.stop();
      await runs.stopWorkers();
      await registries.close();
      await bases.close();
    },
  };
}
