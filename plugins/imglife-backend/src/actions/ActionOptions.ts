import type {
  AuditorService,
  AuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { ApplicationService } from '../applications/ApplicationService';
import type { WriteLimit } from '../router/WriteLimit';
import type { StatusService } from '../status/StatusService';

/** What the actions are made of: the services behind the routes. */
export interface ActionOptions {
  actionsRegistry: ActionsRegistryService;
  applications: ApplicationService;
  auditor: AuditorService;
  auth: AuthService;
  permissions: PermissionsService;
  status: StatusService;
  writeLimit?: WriteLimit;
}
