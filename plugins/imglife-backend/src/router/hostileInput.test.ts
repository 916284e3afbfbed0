import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { registrationSchema } from '@imglife/backstage-plugin-imglife-common';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import fc from 'fast-check';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { imglifePlugin } from '../plugin';
import { allRoutes } from './allRoutes';
import type { Route } from './Route';

jest.setTimeout(600_000);

const REQUESTS = process.env.CI ? 10_000 : 1_500;
// The embedded database forgives more, and is asked less
const OF_SQLITE = process.env.CI ? 2_000 : 1_500;
const AT_ONCE = 50;
const routes = allRoutes({} as never);
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

let registry: TestRegistry;
let unlisted: Server;
let reached: string[];
let backend: Awaited<ReturnType<typeof startTestBackend>>;
let url: string;

describe.each(databases.eachSupportedId())('hostile input on %s', id => {
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
    const knex = await databases.init(id);
    backend = await startTestBackend({
      features: [
        imglifePlugin,
        createServiceFactory({
          service: coreServices.database,
          deps: {},
          factory: () => mockServices.database({ knex }),
        }),
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

  const count = id === 'SQLITE_3' ? OF_SQLITE : REQUESTS;

  it(`answers ${count} requests without a failure`, async () => {
    const withBody = routes.filter(({ body }) => body);
    const anything = fc.oneof(
      ...withBody.map(route => ({ weight: 3, arbitrary: requestTo(route) })),
      ...routes.map(route => ({ weight: 1, arbitrary: requestTo(route) })),
    );
    const requests = fc.sample(anything, count);
    const failed: unknown[] = [];
    const answers = new Set<string>();
    let sent = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = requests.pop(); next; next = requests.pop()) {
          const { route, ...given } = next;
          const { status, text } = await send(next);
          sent += 1;
          answers.add(`${route.operationId} ${status}`);
          if (status >= 500) {
            failed.push({ route: route.operationId, ...given, status, text });
          }
        }
      }),
    );
    expect(failed.slice(0, 3)).toEqual([]);
    expect(reached).toEqual([]);
    expect(sent).toBe(count);
    // Not everything was refused at the door
    expect([...answers]).toEqual(
      expect.arrayContaining([
        ...['register 201', 'register 400', 'registerBatch 200', 'forget 204'],
        ...['check 200', 'listApplications 200', 'listApplications 400'],
        ...['startRun 202', 'startRun 400', 'withdrawBase 404'],
      ]),
    );
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

/** Text that a schema takes. */
function rightText(
  schema: z.core.JSONSchema.BaseSchema,
  name?: string,
): fc.Arbitrary<string> {
  if (schema.pattern) {
    return fc.stringMatching(new RegExp(schema.pattern));
  }
  const image = `${registry.host}/apps/shop:1.0`;
  const base = `${registry.host}/bases/alpine:3.21`;
  return name === 'image'
    ? fc.constant(image)
    : fc.constantFrom(image, base, 'alpine', 'alpine:3.21', 'group:default/a');
}

/** What a list might have given, with parts that it did not. */
function cursorText(): fc.Arbitrary<string> {
  const part = fc.oneof(
    hostileText(),
    fc.constantFrom<unknown>(null, 0, 1, -1, 1.5, 2 ** 31, 2 ** 53, 1e300),
    fc.constantFrom('2026-01-01T00:00:00.000Z', 'pull', 'transition', 'a/b'),
  );
  const order = fc.constantFrom('reference', 'status', 'eolDate', 'builtAt');
  const page = fc.tuple(order, fc.constant('asc'), fc.constantFrom(0, 1));
  const rest = fc.array(part, { minLength: 1, maxLength: 5 });
  return fc
    .oneof(
      fc.tuple(page, rest).map(([first, more]) => [...first, ...more]),
      rest,
    )
    .map(parts => Buffer.from(JSON.stringify(parts)).toString('base64url'));
}

/** Values of a schema as they should be, nearly are, or are not at all. */
function valueOf(
  schema: z.core.JSONSchema.BaseSchema,
  name?: string,
): fc.Arbitrary<unknown> {
  const any = fc.oneof(
    hostileText(),
    fc.jsonValue(),
    fc.constantFrom(null, true, -1, 1e308, [], {}),
  );
  if (name === 'cursor') {
    return fc.oneof(cursorText(), any);
  }
  if (schema.enum) {
    return fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...schema.enum) },
      any,
    );
  }
  switch (schema.type) {
    case 'object':
      return fc.oneof({ weight: 8, arbitrary: objectOf(schema) }, any);
    case 'array':
      return fc.oneof(
        fc.array(
          valueOf(
            // each item of a batch is checked on its own
            name === 'items'
              ? schemaOf(registrationSchema)
              : ((schema.items ?? {}) as z.core.JSONSchema.BaseSchema),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        any,
      );
    case 'string':
      return fc.oneof(
        { weight: 12, arbitrary: rightText(schema, name) },
        { weight: 4, arbitrary: hostileText() },
        any,
      );
    case 'integer':
      return fc.oneof(fc.integer({ min: 1, max: 500 }), any);
    case 'boolean':
      return fc.oneof({ weight: 4, arbitrary: fc.boolean() }, any);
    default:
      return any;
  }
}

function objectOf(
  schema: z.core.JSONSchema.BaseSchema,
): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const optional = Object.keys(properties).filter(
    key => !required.includes(key),
  );
  // With many of them one is always wrong, and the rest is never looked at
  const known = fc
    .shuffledSubarray(optional, { maxLength: Math.min(3, optional.length) })
    .chain(keys =>
      fc.record(
        Object.fromEntries(
          [...required, ...keys].map(key => [
            key,
            valueOf(properties[key] as z.core.JSONSchema.BaseSchema, key),
          ]),
        ),
      ),
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
