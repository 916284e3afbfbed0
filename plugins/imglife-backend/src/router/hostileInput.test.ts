import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import fc from 'fast-check';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { imglifePlugin } from '../plugin';
import { allRoutes } from './allRoutes';
import type { Route } from './Route';

jest.setTimeout(120_000);

const REQUESTS = process.env.CI ? 10_000 : 2_000;
const AT_ONCE = 50;
const routes = allRoutes({} as never);

let registry: TestRegistry;
let unlisted: Server;
let reached: string[];
let backend: Awaited<ReturnType<typeof startTestBackend>>;
let url: string;

beforeAll(async () => {
  reached = [];
  unlisted = createServer((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  await new Promise<void>(resolve => {
    unlisted.listen(0, '127.0.0.1', resolve);
  });
  registry = await TestRegistry.start();
  await pushImage(registry.host, {
    repository: 'apps/shop',
    tag: '1.0',
    platforms: ['linux/amd64'],
  });
  backend = await startTestBackend({
    features: [
      imglifePlugin,
      catalogServiceMock.factory({ entities: [] }),
      mockServices.rootConfig.factory({
        data: {
          imglife: {
            registries: [{ host: registry.host, insecure: true }],
            tiers: {
              mirrors: `${registry.host}/mirrors`,
              bases: `${registry.host}/bases`,
              applications: [`${registry.host}/apps`],
            },
          },
        },
      }),
    ],
  });
  url = `http://127.0.0.1:${backend.server.port()}`;
});

afterAll(async () => {
  await backend.stop();
  await registry.stop();
  unlisted.closeAllConnections();
  await new Promise(resolve => {
    unlisted.close(resolve);
  });
});

/** Strings that have broken something somewhere. */
function hostileText(): fc.Arbitrary<string> {
  const { port } = unlisted.address() as AddressInfo;
  const listed = `${registry.host}/apps/shop`;
  return fc.oneof(
    fc.constantFrom(
      ...["' OR 1=1; DROP TABLE run; --", '%', '_', '\\', '"', '%00', '\r\n'],
      ...['<script>alert(1)</script>', '[x](javascript:alert(1))', '| a | b |'],
      ...['../../../etc/passwd', '..%2f..%2f', 'file:///etc/passwd', '~root'],
      ...['169.254.169.254/x:1', 'localhost/x:1', '[::1]:80/x:1', '0/x:1'],
      ...[
        `127.0.0.1:${port}/x:1`,
        `localhost:${port}/x@sha256:${'0'.repeat(64)}`,
      ],
      ...[`user:password@127.0.0.1:${port}/x`, `http://127.0.0.1:${port}/x`],
      ...[`${listed}:1.0`, `${listed}:2.0`, listed, `${listed}:1.0\u0000`],
      ...[
        '\u0000',
        '\ud800',
        '\udfff\ud800',
        'a\ud83d',
        '\u202e',
        '\ufeff',
        '',
      ],
      ...['__proto__', 'constructor', 'toString', 'null', 'NaN', '1e999'],
      'x'.repeat(3000),
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
  );
}

/** Values of a schema as they should be, nearly are, or are not at all. */
function valueOf(schema: z.core.JSONSchema.BaseSchema): fc.Arbitrary<unknown> {
  const any = fc.oneof(
    hostileText(),
    fc.jsonValue(),
    fc.constantFrom(null, true, -1, 1e308, [], {}),
  );
  if (schema.enum) {
    return fc.oneof(fc.constantFrom(...schema.enum), any);
  }
  switch (schema.type) {
    case 'object':
      return fc.oneof({ weight: 8, arbitrary: objectOf(schema) }, any);
    case 'array':
      return fc.oneof(
        fc.array(
          valueOf((schema.items ?? {}) as z.core.JSONSchema.BaseSchema),
          { maxLength: 4 },
        ),
        any,
      );
    case 'string':
      return fc.oneof({ weight: 4, arbitrary: hostileText() }, any);
    default:
      return any;
  }
}

function objectOf(
  schema: z.core.JSONSchema.BaseSchema,
): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const known = fc.record(
    Object.fromEntries(
      Object.entries(properties).map(([key, member]) => [
        key,
        valueOf(member as z.core.JSONSchema.BaseSchema),
      ]),
    ),
    { requiredKeys: required },
  );
  const others = fc.dictionary(hostileText(), hostileText(), { maxKeys: 2 });
  return additionalProperties === false
    ? fc.oneof(
        { weight: 8, arbitrary: known },
        fc.tuple(known, others).map(both),
      )
    : others;
}

function both([known, others]: [object, object]): Record<string, unknown> {
  return { ...known, ...others };
}

function schemaOf(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

/** A request to a route: its path, query and body. */
function requestTo(route: Route) {
  return fc.record({
    route: fc.constant(route),
    params: fc.array(hostileText(), { minLength: 3, maxLength: 3 }),
    query: route.query
      ? objectOf(schemaOf(route.query))
      : fc.constant<Record<string, unknown>>({}),
    body: route.body ? valueOf(schemaOf(route.body)) : fc.constant(undefined),
  });
}

async function send(asked: {
  route: Route;
  params: string[];
  query: Record<string, unknown>;
  body: unknown;
}): Promise<{ status: number; text: string }> {
  const { route, params, query, body } = asked;
  const left = params.map(text =>
    encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')),
  );
  const path = route.path.replace(/\{\w+\}/g, () => left.pop() || '-');
  const search = new URLSearchParams(
    Object.entries(query).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const response = await fetch(`${url}/api/imglife${path}?${search}`, {
    method: route.method.toUpperCase(),
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return { status: response.status, text: await response.text() };
}

it(`answers ${REQUESTS} hostile requests without a failure`, async () => {
  const withBody = routes.filter(({ body }) => body);
  const anything = fc.oneof(
    ...withBody.map(route => ({ weight: 3, arbitrary: requestTo(route) })),
    ...routes.map(route => ({ weight: 1, arbitrary: requestTo(route) })),
  );
  const requests = fc.sample(anything, REQUESTS);
  const failed: unknown[] = [];
  const statuses = new Set<number>();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = requests.pop(); next; next = requests.pop()) {
        const { status, text } = await send(next);
        statuses.add(status);
        if (status >= 500) {
          const { route, ...given } = next;
          failed.push({ route: route.operationId, ...given, status, text });
        }
      }
    }),
  );
  expect(failed.slice(0, 3)).toEqual([]);
  expect(reached).toEqual([]);
  // Not everything was refused at the door
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400]));
});
