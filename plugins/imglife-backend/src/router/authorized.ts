import type {
  AuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type BasicPermission,
} from '@backstage/plugin-permission-common';
import type { Caller } from './Route';

/**
 * Lets pass who has a permission, by whichever door.
 *
 * @throws NotAllowedError - anything but a plain yes
 */
export async function assertAllowed(
  permissions: PermissionsService,
  permission: BasicPermission,
  credentials: Caller['credentials'],
): Promise<void> {
  await assertOneAllowed(permissions, [permission], credentials);
}

/**
 * Lets pass who has any of some permissions.
 *
 * @throws NotAllowedError - anything but a plain yes to one of them
 */
export async function assertOneAllowed(
  permissions: PermissionsService,
  accepted: BasicPermission[],
  credentials: Caller['credentials'],
): Promise<void> {
  const decisions = await permissions.authorize(
    accepted.map(permission => ({ permission })),
    { credentials },
  );
  if (!decisions.some(({ result }) => result === AuthorizeResult.ALLOW)) {
    const names = accepted.map(({ name }) => name).join(' or ');
    throw new NotAllowedError(
      `not allowed: this needs the permission ${names}`,
    );
  }
}

/**
 * Who asks, as recorded: a user's entity reference, or a service's subject.
 *
 * @throws NotAllowedError - it is neither
 */
export function actorOf(
  auth: AuthService,
  credentials: Caller['credentials'],
): string {
  if (auth.isPrincipal(credentials, 'user')) {
    return credentials.principal.userEntityRef;
  }
  if (auth.isPrincipal(credentials, 'service')) {
    return credentials.principal.subject;
  }
  throw new NotAllowedError('not allowed: neither a user nor a service');
}
