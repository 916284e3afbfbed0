import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { RunKind } from '@imglife/backstage-plugin-imglife-common';
import type { ImageBuilder } from '@imglife/backstage-plugin-imglife-node';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { ApplicationService } from './applications/ApplicationService';
import { CatalogEntityMapper } from './applications/CatalogEntityMapper';
import { DatabaseApplicationStore } from './applications/DatabaseApplicationStore';
import { DefaultApplicationService } from './applications/DefaultApplicationService';
import { DatabaseBaseStore } from './bases/DatabaseBaseStore';
import { EmbeddedBuilder } from './bases/embedded/EmbeddedBuilder';
import { DefaultBaseService } from './bases/DefaultBaseService';
import { DatabaseDefinitionStore } from './definitions/DatabaseDefinitionStore';
import { declaredEntries } from './definitions/declaredEntries';
import type { Definitions } from './definitions/Definitions';
import { DatabaseLifecycleStore } from './lifecycle/DatabaseLifecycleStore';
import { DefaultLifecycleService } from './lifecycle/DefaultLifecycleService';
import { DatabaseMirrorStore } from './mirrors/DatabaseMirrorStore';
import { DefaultMirrorService } from './mirrors/DefaultMirrorService';
import { DefaultRegistries } from './registries/DefaultRegistries';
import { createRunQueue } from './runs/createRunQueue';
import { DatabaseRunStore } from './runs/DatabaseRunStore';
import { DefaultRunService } from './runs/DefaultRunService';
import { DueWork } from './runs/DueWork';
import type { RunService } from './runs/RunService';
import { BaseChecker } from './status/BaseChecker';
import { DatabaseStatusStore } from './status/DatabaseStatusStore';
import { DefaultStatusRecomputer } from './status/DefaultStatusRecomputer';
import { DefaultStatusService } from './status/DefaultStatusService';
import type { StatusService } from './status/StatusService';

/** What {@link buildRooms} builds on. */
export interface RoomsOptions {
  auth: AuthService;
  catalog: CatalogService;
  logger: LoggerService;
  knex: Knex;
  definitions: Definitions;
  /** builders of other modules, by id */
  builders: ReadonlyMap<string, ImageBuilder>;
  now: () => Date;
}

/** The services of the plugin, wired, and what moves them. */
export interface Rooms {
  applications: ApplicationService;
  runs: RunService;
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
  const { knex, definitions, logger, now, auth, catalog } = options;
  const registries = DefaultRegistries.create({ definitions });
  const lifecycle = DefaultLifecycleService.create({
    store: DatabaseLifecycleStore.create({ knex }),
    url: definitions.lifecycle.url,
    overridesFile: definitions.lifecycle.overridesFile,
    definitionsMirrors: definitions.mirrors.entries,
    now,
    logger,
  });
  await lifecycle.seed();
  const recomputer = DefaultStatusRecomputer.create({
    knex,
    lifecycle,
    definitions,
    now,
    logger,
  });
  const applications = DefaultApplicationService.create({
    definitions,
    registries,
    store: DatabaseApplicationStore.create({ knex }),
    entities: CatalogEntityMapper.create({ auth, catalog, now }),
    recomputer,
    now,
    logger,
  });
  const tier = { definitions, registries, lifecycle, recomputer, now, logger };
  const handlers = [
    DefaultMirrorService.create({
      ...tier,
      store: DatabaseMirrorStore.create({ knex }),
    }),
    DefaultBaseService.create({
      ...tier,
      store: DatabaseBaseStore.create({ knex }),
      builders: new Map([
        ...options.builders,
        ['embedded', EmbeddedBuilder.create({ registries })],
      ]),
    }),
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
    handlers,
    timeoutsMs: {
      sync: definitions.mirrors.schedule.timeoutMs,
      build: definitions.bases.schedule.timeoutMs,
      lifecycle: definitions.lifecycle.schedule.timeoutMs,
    },
    targets: targetsOf(definitions),
    onEnd: dueWork.onEnd,
    newId: randomUUID,
    now,
    logger,
  });
  const status = DefaultStatusService.create({
    store: DatabaseStatusStore.create({ knex }),
    checker: BaseChecker.create({ knex, lifecycle, definitions, now }),
    lastFinished: () => runStore.lastFinished(),
    registries,
    lifecycle,
    definitions,
    now,
  });
  const remap = atMostEvery(
    definitions.applications.mapping.frequencyMs,
    now,
    () => applications.remapEntities(),
  );
  const daily = onceADay(now, async () => {
    await applications.retireAged();
    await recomputer.recompute('end-of-life dates');
  });
  return {
    applications,
    runs,
    status,
    async start() {
      await recomputer.recompute('start');
      await runs.startWorkers({ ...definitions.workers, lifecycle: 1 });
    },
    async due() {
      await runs.reconcile();
      await dueWork.queue(runs);
      await daily();
      await remap();
    },
    async stop() {
      await runs.stopWorkers();
      await registries.close();
    },
  };
}

function targetsOf(definitions: Definitions): Record<RunKind, string[]> {
  return {
    sync: definitions.mirrors.entries.map(entry => entry.name),
    build: definitions.bases.entries.map(entry => entry.name),
    lifecycle: [],
  };
}

/** Calls `work` on the first call of each UTC day; a failure is tried again. */
function onceADay(
  now: () => Date,
  work: () => Promise<void>,
): () => Promise<void> {
  let lastDay = '';
  return async () => {
    const day = now().toISOString().slice(0, 10);
    if (day !== lastDay) {
      await work();
      lastDay = day;
    }
  };
}

/** Calls `work` when that much time has passed since it last succeeded. */
function atMostEvery(
  intervalMs: number,
  now: () => Date,
  work: () => Promise<void>,
): () => Promise<void> {
  let last = -Infinity;
  return async () => {
    const at = now().getTime();
    if (at - last >= intervalMs) {
      await work();
      last = at;
    }
  };
}
