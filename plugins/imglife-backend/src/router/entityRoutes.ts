import type { AuthService } from '@backstage/backend-plugin-api';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError, NotFoundError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  entityImagesSchema,
  imglifeImageReadPermission,
} from '@imglife/backstage-plugin-imglife-common';
import type { StatusService } from '../status/StatusService';
import type { Caller, Route } from './Route';

function entityRefOf(params: Record<string, string>): string {
  const { kind, namespace, name } = params;
  const entityRef = stringifyEntityRef({ kind, namespace, name });
  try {
    parseEntityRef(entityRef);
  } catch {
    throw new InputError(`${entityRef} is no entity reference`);
  }
  return entityRef;
}

/** Images and verdicts of a catalog entity. */
export function entityRoutes(options: {
  auth: AuthService;
  catalog: CatalogService;
  status: StatusService;
}): Route[] {
  const { auth, catalog, status } = options;

  // A user sees the images of entities that the user may see; a service has
  // been authorized by name already, and a restricted token cannot be delegated.
  async function assertVisible(entityRef: string, caller: Caller) {
    if (!auth.isPrincipal(caller.credentials, 'user')) {
      return;
    }
    const entity = await catalog.getEntityByRef(entityRef, {
      credentials: caller.credentials,
    });
    if (!entity) {
      throw new NotFoundError(`entity ${entityRef} does not exist`);
    }
  }

  return [
    {
      method: 'get',
      path: '/v1/entities/{kind}/{namespace}/{name}',
      operationId: 'getEntityImages',
      summary: 'Images and verdicts of a catalog entity, with their lineage',
      permission: imglifeImageReadPermission,
      responses: {
        200: {
          description: 'The images, worst first',
          content: { 'application/json': entityImagesSchema },
        },
      },
      async handle(request, response, caller) {
        const entityRef = entityRefOf(request.params);
        await assertVisible(entityRef, caller);
        response.json(await status.entityImages(entityRef));
      },
    },
  ];
}
