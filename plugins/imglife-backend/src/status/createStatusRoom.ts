import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import type { DefinitionFiles } from '../definitions/DefinitionFiles';
import type { Definitions } from '../definitions/Definitions';
import type { LifecycleService } from '../lifecycle/LifecycleService';
import type { Registries } from '../registries/Registries';
import { AdoptionReader } from './AdoptionReader';
import { BaseChecker } from './BaseChecker';
import { DatabaseStatusStore } from './DatabaseStatusStore';
import { DefaultStatusService } from './DefaultStatusService';
import { HistoryReader } from './HistoryReader';
import { LineageReader } from './LineageReader';
import type { StatusService } from './StatusService';
import { TransitionReader } from './TransitionReader';
import { VerdictNotifier } from './VerdictNotifier';
import { VerdictThreads } from './VerdictThreads';

/** What {@link createStatusRoom} builds on. */
export interface StatusRoomOptions {
  knex: Knex;
  definitions: Definitions;
  definitionFiles: Pick<DefinitionFiles, 'states'>;
  registries: Registries;
  lifecycle: LifecycleService;
  /** newest successful end of runs, by kind */
  lastFinished(): Promise<{ sync?: string; build?: string; scan?: string }>;
  /** of the portal; it may have no such plugin */
  notifications: NotificationService;
  now: () => Date;
  logger: LoggerService;
}

/** What is read of all tiers, and told of them. */
export interface StatusRoom {
  status: StatusService;
  /** Keeps how many applications stand on what today. */
  keepAdoption(): Promise<void>;
  /** Notifies owners of changes that they have not been told of. */
  tellOwners(): Promise<void>;
}

/** Wires the room that joins the tiers. */
export function createStatusRoom(options: StatusRoomOptions): StatusRoom {
  const { knex, now } = options;
  const adoption = AdoptionReader.create({ knex, now });
  const notifier = VerdictNotifier.create({
    ...options,
    threads: VerdictThreads.create({ knex }),
  });
  return {
    status: DefaultStatusService.create({
      ...options,
      adoption,
      lineage: LineageReader.create({ knex }),
      history: HistoryReader.create({ knex }),
      transitions: TransitionReader.create({ knex }),
      store: DatabaseStatusStore.create({ knex, now }),
      checker: BaseChecker.create(options),
    }),
    keepAdoption: () => adoption.keepToday(),
    tellOwners: () => notifier.deliver(),
  };
}
