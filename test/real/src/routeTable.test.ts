import { pushImage, TestRegistry } from '@imglife/test-registry';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PostgresDatabases } from './PostgresDatabases';
import { PLATFORM_TOKEN, RealBackend, REGISTRATION_TOKEN } from './RealBackend';
import { TokenIssuer } from './TokenIssuer';

jest.setTimeout(180_000);

const API = '/api/imglife';
const READER_TOKEN = 'real-reader-token';
const MAX_BODY = 100 * 1024;

interface TableRoute {
  method: string;
  path: string;
  hasBody: boolean;
  query: string[];
}

const databases = PostgresDatabases.create();
const reached: number[] = [];
let folder: string;
let registry: TestRegistry;
let github: TokenIssuer;
let gitlab: TokenIssuer;
let stranger: TokenIssuer;
let unlisted: Server;
let unlistedPort: number;
let backend: RealBackend;
let routes: TableRoute[];
let image: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-real-routes-'));
  registry = await TestRegistry.start();
  image = `${registry.host}/apps/shop:1.0`;
  await pushImage(registry.host, {
    repository: 'apps/shop',
    tag: '1.0',
    platforms: ['linux/amd64'],
  });
  [github, gitlab, stranger] = await Promise.all([
    TokenIssuer.start(),
    TokenIssuer.start(),
    TokenIssuer.start(),
  ]);
  unlisted = createServer(socket => {
    reached.push(socket.remotePort!);
    socket.destroy();
  });
  await new Promise<void>(resolve => {
    unlisted.listen(0, resolve);
  });
  unlistedPort = (unlisted.address() as AddressInfo).port;
  backend = await RealBackend.start({
    folder,
    databases,
    externalAccess: [
      github.access('github'),
      gitlab.access('gitlab'),
      {
        type: 'static',
        options: { token: READER_TOKEN, subject: 'reader' },
        accessRestrictions: [
          { plugin: 'imglife', permission: 'imglife.image.read' },
        ],
      },
    ],
    imglife: {
      registries: [{ host: registry.host, insecure: true }],
      tiers: {
        mirrors: `${registry.host}/mirrors`,
        bases: `${registry.host}/bases`,
        applications: [`${registry.host}/apps`],
      },
      applications: {
        subjects: [
          { match: 'external:github:repo:{{ project }}:*' },
          { match: 'external:gitlab:project_path:{{ project }}:*' },
          { match: 'platform' },
        ],
      },
    },
  });
  routes = await readRoutes();
});

afterAll(async () => {
  await backend?.stop();
  await Promise.all([
    registry?.stop(),
    github?.stop(),
    gitlab?.stop(),
    stranger?.stop(),
  ]);
  await new Promise(resolve => {
    unlisted.close(resolve);
  });
  await databases.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Every route that the backend says it has, but for the one for all. */
async function readRoutes(): Promise<TableRoute[]> {
  const { paths } = await backend.get<{
    paths: Record<
      string,
      Record<string, { requestBody?: object; parameters?: object[] }>
    >;
  }>(`${API}/openapi.json`);
  const guarded = Object.entries(paths).filter(([name]) => name !== '/health');
  return guarded.flatMap(([pathname, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['get', 'post', 'delete', 'put'].includes(method))
      .map(([method, { requestBody, parameters = [] }]) => ({
        method: method.toUpperCase(),
        path: pathname,
        hasBody: Boolean(requestBody),
        query: (parameters as Array<{ in: string; name: string }>)
          .filter(parameter => parameter.in === 'query')
          .map(({ name }) => name),
      })),
  );
}

async function ask(
  route: TableRoute,
  options: { token?: string; text?: string; value?: string; search?: string },
): Promise<{ route: string; status: number; message: string }> {
  const { token, text, value = 'default', search = '' } = options;
  const pathname = route.path.replace(/\{\w+\}/g, encodeURIComponent(value));
  const response = await fetch(`${backend.url}${API}${pathname}${search}`, {
    method: route.method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(text !== undefined && { 'content-type': 'application/json' }),
    },
    ...(text !== undefined && { body: text }),
  });
  const answer = await response.text();
  const name = `${route.method} ${route.path}`;
  return { route: name, status: response.status, message: answer };
}

/** The answers of all routes, or of those with a body, with one status each. */
async function statuses(
  options: Parameters<typeof ask>[1],
  of: TableRoute[] = routes,
): Promise<Array<[string, number]>> {
  const answers = await Promise.all(of.map(route => ask(route, options)));
  return answers.map(({ route, status }) => [route, status]);
}

const all = (status: number, of = routes) =>
  of.map(({ method, path: pathname }) => [`${method} ${pathname}`, status]);
const job = (project: string) => `repo:${project}:ref:refs/heads/main`;

it('knows the routes', () => {
  expect(routes.length).toBeGreaterThan(12);
  expect(routes.filter(({ hasBody }) => hasBody).length).toBeGreaterThan(2);
});

it.each<[string, () => string | undefined]>([
  ['no token', () => undefined],
  ['a token of nobody', () => 'no-such-token'],
  ['a token of another issuer', () => stranger.sign({ sub: job('team/shop') })],
  [
    'a token by a stranger in the name of the issuer',
    () => stranger.sign({ sub: job('team/shop'), iss: github.url }),
  ],
  [
    'a token for another service',
    () => github.sign({ sub: job('team/shop'), aud: 'https://other' }),
  ],
  [
    'a token that is over',
    () => github.sign({ sub: job('team/shop'), lifeS: -60 }),
  ],
])('every route answers 401 to %s', async (_title, token) => {
  // also before it looks at what is wrong with the request
  const options = { token: token(), text: '{"' };
  const posts = routes.filter(({ hasBody }) => hasBody);
  expect(await statuses(options, posts)).toEqual(all(401, posts));
  expect(await statuses({ token: token() })).toEqual(all(401));
});

it('every route answers 403 to a token for something else', async () => {
  for (const route of routes) {
    const registers = /^POST \/v1\/registrations/.test(
      `${route.method} ${route.path}`,
    );
    const { status, message } = await ask(route, {
      token: registers ? READER_TOKEN : REGISTRATION_TOKEN,
      ...(route.hasBody && { text: '{"' }),
    });
    expect([route.method, route.path, status]).toEqual([
      route.method,
      route.path,
      403,
    ]);
    expect(message).toMatch(/this needs the permission imglife\.[a-z.]+/);
  }
});

it('refuses what is no body, too large a body, and unknown fields', async () => {
  const posts = routes.filter(({ hasBody }) => hasBody);
  const token = PLATFORM_TOKEN;
  expect(await statuses({ token, text: '{"' }, posts)).toEqual(all(400, posts));
  const large = JSON.stringify({ image: 'x'.repeat(MAX_BODY) });
  expect(await statuses({ token, text: large }, posts)).toEqual(
    all(413, posts),
  );
  for (const route of posts) {
    const { status, message } = await ask(route, {
      token,
      text: '{"surprise":1}',
    });
    expect([route.path, status]).toEqual([route.path, 400]);
    expect(message).toContain('surprise');
  }
  for (const route of routes.filter(({ query }) => query.length)) {
    const { status } = await ask(route, { token, search: '?surprise=1' });
    expect([route.path, status]).toEqual([route.path, 400]);
  }
});

it('fails for no hostile string, and asks no host that is not listed', async () => {
  const hostile = [
    "'; DROP TABLE run; --",
    '| a | <script>alert(1)</script> | [x](javascript:x)',
    '../../../../etc/passwd',
    'a\u0000b',
    '169.254.169.254/x:1',
    'localhost/x:1',
    `localhost:${unlistedPort}/x:1`,
    `127.0.0.1:${unlistedPort}/x:1`,
    `127.0.0.1:${unlistedPort}/x@sha256:${'0'.repeat(64)}`,
    `[::1]:${unlistedPort}/x:1`,
    `user:password@127.0.0.1:${unlistedPort}/x:1`,
  ];
  const token = PLATFORM_TOKEN;
  for (const value of hostile) {
    const bodies = [
      { image: value },
      { image, base: value },
      { items: [{ image: value }] },
      { kind: 'sync', target: value },
      { reference: value, digest: `sha256:${'0'.repeat(64)}` },
      {
        reference: value,
        digest: `sha256:${'0'.repeat(64)}`,
        inputHash: '0'.repeat(64),
      },
    ].map(body => JSON.stringify(body));
    const answers = await Promise.all(
      routes.flatMap(route => [
        ask(route, { token, value }),
        ...route.query.map(name =>
          ask(route, {
            token,
            search: `?${name}=${encodeURIComponent(value)}`,
          }),
        ),
        ...(route.hasBody ? bodies : []).map(text =>
          ask(route, { token, text }),
        ),
      ]),
    );
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    const { status, message } = await ask(
      routes.find(({ path: of }) => of === '/v1/registrations')!,
      { token, text: JSON.stringify({ image: value }) },
    );
    expect([value, status]).toEqual([value, 400]);
    expect(JSON.parse(message).error.message).toMatch(/^image: /);
  }
  expect(reached).toEqual([]);
});

describe('a job token', () => {
  const register = async (token: string, project?: string) => {
    const response = await backend.ask('POST', `${API}/v1/registrations`, {
      token,
      body: { image, ...(project && { project }) },
    });
    return { status: response.status, body: await response.json() };
  };

  it.each<[string, () => string, string]>([
    [
      'GitHub',
      () => github.sign({ sub: job('team/shop') }),
      `external:github:${job('team/shop')}`,
    ],
    [
      'GitLab',
      () =>
        gitlab.sign({ sub: 'project_path:team/shop:ref_type:branch:ref:main' }),
      'external:gitlab:project_path:team/shop:ref_type:branch:ref:main',
    ],
  ])('of %s registers for its project', async (_forge, token, subject) => {
    await backend.ask(
      'DELETE',
      `${API}/v1/registrations?image=${encodeURIComponent(image)}`,
    );
    const { status, body } = await register(token(), 'team/shop');
    expect([200, 201]).toContain(status);
    expect(body).toMatchObject({
      project: 'team/shop',
      registeredBy: subject,
    });
  });

  it.each<[string, () => string, string | undefined]>([
    [
      'another repository',
      () => github.sign({ sub: job('evil/x') }),
      'team/shop',
    ],
    ['no project', () => github.sign({ sub: job('evil/x') }), undefined],
    [
      'another forge',
      () => gitlab.sign({ sub: job('team/shop') }),
      'team/shop',
    ],
    ['a pattern', () => github.sign({ sub: job('evil/x') }), '*'],
  ])('of %s is refused', async (_title, token, project) => {
    const { status, body } = await register(token(), project);
    expect(status).toBe(403);
    expect(body.error.message).toMatch(/^project: /);
  });

  it('starts no run', async () => {
    const response = await backend.ask('POST', `${API}/v1/runs`, {
      token: github.sign({ sub: job('team/shop') }),
      body: { kind: 'sync' },
    });
    expect(response.status).toBe(403);
  });
});
