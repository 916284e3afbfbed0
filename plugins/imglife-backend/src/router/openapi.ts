import { z } from 'zod';
import type { Route } from './Route';

/** A JSON value of the OpenAPI document. */
export type Json = { [key: string]: unknown };

function toJsonSchema(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    // a refinement has no JSON form: the service checks it again
    unrepresentable: 'any',
  }) as Json;
  return rest;
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 300 },
  }));
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  if (!query) {
    return [];
  }
  const { properties = {}, required = [] } = toJsonSchema(query) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    // references hold `/` and `:`, which a query may carry unescaped
    ...(schema.type === 'string' && { allowReserved: true }),
    schema,
  }));
}

function operation(route: Route): Json {
  const parameters = [
    ...pathParameters(route.path),
    ...queryParameters(route.query),
  ];
  return {
    operationId: route.operationId,
    summary: route.summary,
    'x-permission': route.permission.name,
    ...(parameters.length && { parameters }),
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: toJsonSchema(route.body) } },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, answer]) => [
          status,
          {
            description: answer.description,
            content: Object.fromEntries(
              Object.entries(answer.content ?? {}).map(([type, schema]) => [
                type,
                { schema: toJsonSchema(schema) },
              ]),
            ),
          },
        ]),
      ),
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

/** The OpenAPI 3.1 document of these routes, from the schemas they parse with. */
export function openApiDocument(routes: Route[]): Json {
  const paths: Record<string, Json> = {
    '/health': {
      get: {
        operationId: 'getHealth',
        summary: 'Liveness, without authentication',
        security: [],
        responses: { 200: { description: 'Alive' } },
      },
    },
  };
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method]: operation(route),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'imglife',
      version: '1',
      description:
        'Container images of an organisation: mirrors, bases, applications.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: {
        Error: {
          description: 'What was wrong, where, and what to do',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: {
                  error: {
                    type: 'object',
                    properties: {
                      name: { type: 'string' },
                      message: { type: 'string' },
                    },
                    required: ['name', 'message'],
                  },
                },
                required: ['error'],
              },
            },
          },
        },
      },
    },
  };
}
