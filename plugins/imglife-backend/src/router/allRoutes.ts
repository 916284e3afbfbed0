import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { ApplicationService } from '../applications/ApplicationService';
import type { MovedTags } from '../mirrors/MovedTags';
import type { RetentionService } from '../retention/RetentionService';
import type { RunService } from '../runs/RunService';
import type { StatusService } from '../status/StatusService';
import type { BaseTagService } from '../bases/BaseTagService';
import type { BaseExporter } from '../bases/outside/BaseExporter';
import type { ReportedBases } from '../bases/outside/ReportedBases';
import { baseRoutes } from './baseRoutes';
import { checkRoutes } from './checkRoutes';
import { entityRoutes } from './entityRoutes';
import { lineageRoutes } from './lineageRoutes';
import { mirrorRoutes } from './mirrorRoutes';
import { registrationRoutes } from './registrationRoutes';
import { reportRoutes } from './reportRoutes';
import { retentionRoutes } from './retentionRoutes';
import type { Route } from './Route';
import { runRoutes } from './runRoutes';
import { tierRoutes } from './tierRoutes';

/** Every route of the plugin, over the services behind them. */
export function allRoutes(services: {
  auth: AuthService;
  catalog: CatalogService;
  logger: LoggerService;
  applications: ApplicationService;
  baseTags: BaseTagService;
  exporter: BaseExporter;
  reportedBases: ReportedBases;
  movedTags: MovedTags;
  retention: RetentionService;
  runs: RunService;
  status: StatusService;
}): Route[] {
  return [
    ...tierRoutes(services),
    ...baseRoutes(services),
    ...checkRoutes(services),
    ...registrationRoutes(services),
    ...lineageRoutes(services),
    ...entityRoutes(services),
    ...reportRoutes(services),
    ...mirrorRoutes(services),
    ...retentionRoutes(services),
    ...runRoutes(services),
  ];
}
