import type {
  LoggerService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type {
  ImageBuilder,
  ImageSigner,
} from '@imglife/backstage-plugin-imglife-node';
import type { Knex } from 'knex';
import type { Definitions } from '../definitions/Definitions';
import type { ImageEvents } from '../hooks/ImageEvents';
import type { LifecycleService } from '../lifecycle/LifecycleService';
import type { Registries } from '../registries/Registries';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import { BasePlanner, type PlannedTags } from './BasePlanner';
import type { BaseService } from './BaseService';
import type { BaseTagService } from './BaseTagService';
import { BuilderProgram } from './builders/BuilderProgram';
import {
  refuseUnknownBuilders,
  refuseUnknownSigners,
  refuseUnrunnableSmoke,
  warnOfMissingPrograms,
} from './builders/checkBuilders';
import { programBuilders } from './builders/programBuilders';
import { ContextTrees } from './ContextTrees';
import { DatabaseBaseStore } from './DatabaseBaseStore';
import { DefaultBaseService } from './DefaultBaseService';
import { DefaultBaseTagService } from './DefaultBaseTagService';
import { EmbeddedBuilder } from './embedded/EmbeddedBuilder';
import { BaseExporter } from './outside/BaseExporter';
import { EXPORT_BUILDER, ExportBuilder } from './outside/ExportBuilder';
import { ReportedBases } from './outside/ReportedBases';
import { CosignSigner } from './signing/CosignSigner';

/** What {@link createBaseRoom} builds on. */
export interface BaseRoomOptions {
  definitions: Definitions;
  registries: Registries;
  lifecycle: LifecycleService;
  recomputer: StatusRecomputer;
  urlReader: UrlReaderService;
  /** of the portal; it may have no such plugin */
  notifications: NotificationService;
  imageEvents: ImageEvents;
  knex: Knex;
  /** builders of other modules, by id */
  builders: ReadonlyMap<string, ImageBuilder>;
  /** signers of other modules, by id */
  signers: ReadonlyMap<string, ImageSigner>;
  /** of the process; builders get a few of its variables */
  environment: NodeJS.ProcessEnv;
  now: () => Date;
  logger: LoggerService;
}

/** Tier 2, wired. */
export interface BaseRoom {
  builds: BaseService;
  /** What the bases are to have and to follow now, from stored state. */
  planned(): Promise<PlannedTags>;
  /**
   * What is done with bases beside building them.
   *
   * @param queueBuild - of the base of that name, which moves floating tags
   */
  services(queueBuild: (name: string, actor: string) => Promise<unknown>): {
    baseTags: BaseTagService;
    exporter: BaseExporter;
    reportedBases: ReportedBases;
  };
  close(): Promise<void>;
}

/**
 * Wires the bases. A missing program is a warning.
 *
 * @throws InputError - a base's builder or signer is registered by nobody, or
 *   its builder cannot run its smoke command
 */
export async function createBaseRoom(
  options: BaseRoomOptions,
): Promise<BaseRoom> {
  const { definitions, registries, knex, now, logger } = options;
  const program = BuilderProgram.create({ environment: options.environment });
  const settings = definitions.bases.builders;
  const programs = programBuilders(settings, { registries, program });
  const cosign = CosignSigner.create({
    settings: () => definitions.bases.signers.cosign,
    program,
  });
  const builders = new Map<string, ImageBuilder>([
    ...programs.map(builder => [builder.id, builder] as const),
    ...options.builders,
    ['embedded', EmbeddedBuilder.create({ registries })],
    [EXPORT_BUILDER, ExportBuilder.create()],
  ]);
  const signers = new Map<string, ImageSigner>([
    ...options.signers,
    [cosign.id, cosign],
  ]);
  refuseUnknownBuilders(definitions, builders);
  refuseUnrunnableSmoke(definitions, builders);
  refuseUnknownSigners(definitions, signers);
  await warnOfMissingPrograms([...programs, cosign], definitions, logger);
  const store = DatabaseBaseStore.create({ knex });
  const trees = ContextTrees.create({ reader: options.urlReader, now });
  const tier = { ...options, store, trees };
  const planner = BasePlanner.create(tier);
  return {
    builds: DefaultBaseService.create({ ...tier, builders, signers }),
    async planned() {
      return planner.tags(await options.lifecycle.load());
    },
    services(queueBuild) {
      const outside = { ...tier, planner, queueBuild };
      return {
        baseTags: DefaultBaseTagService.create(outside),
        exporter: BaseExporter.create(outside),
        reportedBases: ReportedBases.create(outside),
      };
    },
    close: () => trees.close(),
  };
}
