import type { ActionOptions } from './ActionOptions';
import { createCheckBaseAction } from './createCheckBaseAction';
import { createFindApplicationsUsingBaseAction } from './createFindApplicationsUsingBaseAction';
import { createGetImageLineageAction } from './createGetImageLineageAction';
import { createGetLatestBaseAction } from './createGetLatestBaseAction';
import { createListOutdatedApplicationsAction } from './createListOutdatedApplicationsAction';
import { createRegisterApplicationAction } from './createRegisterApplicationAction';

/**
 * Registers the actions of this plugin. A portal offers them once it has
 * `backend.actions.pluginSources: [imglife]`.
 */
export function registerActions(options: ActionOptions): void {
  createCheckBaseAction(options);
  createListOutdatedApplicationsAction(options);
  createFindApplicationsUsingBaseAction(options);
  createGetImageLineageAction(options);
  createGetLatestBaseAction(options);
  createRegisterApplicationAction(options);
}
