import { pushImage, TestRegistry } from '@imglife/test-registry';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend, REGISTRATION_TOKEN } from './RealBackend';

jest.setTimeout(180_000);

const V1 = '/api/imglife/v1';
const databases = PostgresDatabases.create();
let folder: string;
let registry: TestRegistry;
let backend: RealBackend;
let registration: { image: string };

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-real-access-'));
  registry = await TestRegistry.start();
  await pushImage(registry.host, {
    repository: 'apps/shop',
    tag: '1.0',
    platforms: ['linux/amd64'],
  });
  registration = { image: `${registry.host}/apps/shop:1.0` };
  backend = await RealBackend.start({
    folder,
    databases,
    imglife: {
      registries: [{ host: registry.host, insecure: true }],
      tiers: {
        mirrors: `${registry.host}/mirrors`,
        bases: `${registry.host}/bases`,
        applications: [`${registry.host}/apps`],
      },
    },
  });
});

afterAll(async () => {
  await backend?.stop();
  await registry?.stop();
  await databases.drop();
  await rm(folder, { recursive: true, force: true });
});

it.each([
  ['GET', '/summary', undefined],
  ['GET', '/applications', undefined],
  ['GET', '/check?base=alpine:3.21', undefined],
  ['POST', '/registrations', {}],
  ['POST', '/runs', { kind: 'sync' }],
])('answers 401 to %s %s without a token', async (method, route, body) => {
  for (const token of [undefined, 'no-such-token']) {
    const answer = await backend.ask(method, V1 + route, { token, body });
    expect(answer.status).toBe(401);
  }
});

it('lets a token do what it is for, and nothing else', async () => {
  const token = REGISTRATION_TOKEN;
  const created = await backend.ask('POST', `${V1}/registrations`, {
    token,
    body: registration,
  });
  expect(created.status).toBe(201);
  expect(await created.json()).toMatchObject({
    reference: registration.image,
    registeredBy: 'registrar',
  });

  const refused = await backend.ask('POST', `${V1}/runs`, {
    token,
    body: { kind: 'sync' },
  });
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain('imglife.run.create');
  const read = await backend.ask('GET', `${V1}/applications`, { token });
  expect(read.status).toBe(403);

  const { items } = await backend.get<{ items: unknown[] }>(
    `${V1}/runs?kind=sync`,
  );
  expect(items).toEqual([]);
});
