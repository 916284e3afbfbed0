import { createValidatedOpenApiRouter } from '@backstage/backend-openapi-utils';
import type {
  AuditorService,
  AuthService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type BasicPermission,
} from '@backstage/plugin-permission-common';
import { text } from '@imglife/backstage-plugin-imglife-common';
import type { Request, RequestHandler, Response, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod';
import { auditWrite } from './auditWrite';
import { databaseOutage } from './databaseOutage';
import { limitWrites } from './limitWrites';
import { openApiDocument } from './openapi';
import { parseInput } from './parseInput';
import { readBody } from './readBody';
import type { Caller, Route } from './Route';

// What no database can hold is in no path either
const paramsSchema = z.record(z.string(), text(300));

/** Options of {@link createRouter}. */
export interface RouterOptions {
  auditor: AuditorService;
  auth: AuthService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  routes: Route[];
  /** of writes, for each subject; default none */
  rateLimit?: { perMinute: number };
}

/**
 * The plugin's HTTP interface. Each request is authenticated (401), authorized
 * (403), counted where a limit is set (429), then validated against the OpenAPI document (400), and only then
 * handled.
 */
export function createRouter(options: RouterOptions): Router {
  const callers = new WeakMap<Request, Caller>();
  const router = PromiseRouter();
  router.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });
  const limit = limitWrites(
    options.rateLimit,
    request => callers.get(request)!.actor,
  );
  for (const route of options.routes) {
    router[route.method](
      expressPath(route.path),
      authorize(options, route, callers),
      ...(limit && route.method !== 'get' ? [limit] : []),
      ...(route.body ? [readBody()] : []),
      checkInput(route),
      ...(route.byBody ? [authorizeBody(options, route.byBody, callers)] : []),
    );
  }
  const document = openApiDocument(options.routes);
  // Backstage's own route for it would declare the document to be 3.0
  router.get('/openapi.json', (request, response) => {
    response.json({ ...document, servers: [{ url: request.baseUrl }] });
  });
  const validated = createValidatedOpenApiRouter(document as never, {
    middleware: [(_request, _response, next) => next()],
    // who asks was settled above
    validatorOptions: { validateSecurity: false },
  }) as unknown as Router;
  for (const route of options.routes) {
    validated[route.method](
      expressPath(route.path),
      async (request: Request, response: Response) => {
        await route
          .handle(request, response, callers.get(request)!)
          .catch(error => {
            throw databaseOutage(error);
          });
      },
    );
  }
  router.use(validated);
  return router;
}

function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function authorize(
  options: RouterOptions,
  route: Route,
  callers: WeakMap<Request, Caller>,
): RequestHandler {
  const { auditor, auth, httpAuth, permissions } = options;
  return async (request, response, next) => {
    const credentials = await httpAuth.credentials(request, {
      allow: ['user', 'service'],
    });
    if (route.method !== 'get') {
      await auditWrite(auditor, route, request, response);
    }
    const accepted = [route.permission, ...(route.byBody?.others ?? [])];
    await requireOneOf(permissions, accepted, credentials);
    callers.set(request, { credentials, actor: actorOf(auth, credentials) });
    next();
  };
}

/** Once the body is read and checked. */
function authorizeBody(
  { permissions }: RouterOptions,
  { permissionOf }: NonNullable<Route['byBody']>,
  callers: WeakMap<Request, Caller>,
): RequestHandler {
  return async (request, _response, next) => {
    const { credentials } = callers.get(request)!;
    const permission = permissionOf(request.body);
    await requireOneOf(permissions, [permission], credentials);
    next();
  };
}

/** @throws NotAllowedError - the caller has none of them */
async function requireOneOf(
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

// Before the OpenAPI validator, which does not say which key is unknown
function checkInput(route: Route): RequestHandler {
  return (request, _response, next) => {
    parseInput(paramsSchema, request.params);
    if (route.body) {
      parseInput(route.body, request.body);
    }
    next();
  };
}

function actorOf(
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
