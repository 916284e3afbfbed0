import { createValidatedOpenApiRouter } from '@backstage/backend-openapi-utils';
import type {
  AuditorService,
  AuthService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { text } from '@imglife/backstage-plugin-imglife-common';
import type { Request, RequestHandler, Response, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod';
import { auditWrite } from './auditWrite';
import { actorOf, assertAllowed, assertOneAllowed } from './authorized';
import { databaseOutage } from './databaseOutage';
import { openApiDocument } from './openapi';
import { parseInput } from './parseInput';
import { readBody } from './readBody';
import type { Caller, Route } from './Route';
import type { WriteLimit } from './WriteLimit';

// What no database can hold is in no path either
const paramsSchema = z.record(z.string(), text(300));

/** Options of {@link createRouter}. */
export interface RouterOptions {
  auditor: AuditorService;
  auth: AuthService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  routes: Route[];
  /** of each subject; default none */
  writeLimit?: WriteLimit;
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
  const limit = options.writeLimit?.middleware(
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
    await assertOneAllowed(permissions, accepted, credentials);
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
    await assertAllowed(permissions, permission, credentials);
    next();
  };
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
