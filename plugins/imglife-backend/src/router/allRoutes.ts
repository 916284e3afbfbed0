import type { AuthService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { ApplicationService } from '../applications/ApplicationService';
import type { RunService } from '../runs/RunService';
import type { StatusService } from '../status/StatusService';
import { checkRoutes } from './checkRoutes';
import { entityRoutes } from './entityRoutes';
import { registrationRoutes } from './registrationRoutes';
import { reportRoutes } from './reportRoutes';
import type { Route } from './Route';
import { runRoutes } from './runRoutes';
import { tierRoutes } from './tierRoutes';

/** Every route of the plugin, over the services behind them. */
export function allRoutes(services: {
  auth: AuthService;
  catalog: CatalogService;
  applications: ApplicationService;
  runs: RunService;
  status: StatusService;
}): Route[] {
  return [
    ...tierRoutes(services),
    ...checkRoutes(services),
    ...registrationRoutes(services),
    ...entityRoutes(services),
    ...reportRoutes(services),
    ...runRoutes(services),
  ];
}
