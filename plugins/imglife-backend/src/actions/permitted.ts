import type { BasicPermission } from '@backstage/plugin-permission-common';
import { actorOf, assertAllowed } from '../router/authorized';
import { databaseOutage } from '../router/databaseOutage';
import type { Caller } from '../router/Route';
import type { ActionOptions } from './ActionOptions';

/**
 * Does what an action does, and nothing before its caller is authorized, as
 * routes do.
 *
 * @param act - gives the action's output
 * @throws NotAllowedError - the caller may not
 */
export async function permitted<Output>(
  { auth, permissions }: Pick<ActionOptions, 'auth' | 'permissions'>,
  permission: BasicPermission,
  credentials: Caller['credentials'],
  act: (caller: Caller) => Promise<Output>,
): Promise<{ output: Output }> {
  await assertAllowed(permissions, permission, credentials);
  const actor = actorOf(auth, credentials);
  try {
    return { output: await act({ credentials, actor }) };
  } catch (error) {
    throw databaseOutage(error);
  }
}
