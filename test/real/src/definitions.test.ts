import { pushImage, TestRegistry } from '@imglife/test-registry';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend } from './RealBackend';

jest.setTimeout(180_000);

const V1 = '/api/imglife/v1';
const databases = PostgresDatabases.create();
let content = '';
const files = createServer((_request, response) => response.end(content));
let url: string;
let folder: string;
let registry: TestRegistry;
let backend: RealBackend;

function declare(...names: string[]): void {
  content = `mirrors:\n  entries:\n${names
    .map(
      name =>
        `    - source: ${registry.host}/library/${name}\n      tags: { names: ['1.0'] }\n`,
    )
    .join('')}`;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-real-definitions-'));
  await new Promise<void>(done => files.listen(0, '127.0.0.1', () => done()));
  const host = `127.0.0.1:${(files.address() as AddressInfo).port}`;
  url = `http://${host}/imglife.yaml`;
  registry = await TestRegistry.start();
  for (const name of ['alpine', 'node']) {
    await pushImage(registry.host, {
      repository: `library/${name}`,
      tag: '1.0',
      platforms: ['linux/amd64'],
    });
  }
  declare('alpine');
  backend = await RealBackend.start({
    folder,
    databases,
    readable: host,
    imglife: {
      registries: [{ host: registry.host, insecure: true }],
      tiers: {
        mirrors: `${registry.host}/mirrors`,
        bases: `${registry.host}/bases`,
      },
      definitions: [{ url, schedule: { frequency: { seconds: 2 } } }],
    },
  });
});

afterAll(async () => {
  await backend?.stop();
  await registry?.stop();
  files.close();
  await databases.drop();
  await rm(folder, { recursive: true, force: true });
});

async function mirrored(): Promise<string[]> {
  const { items } = await backend.get<{
    items: Array<{ repository: string; digest: string | null }>;
  }>(`${V1}/mirrors`);
  return items.flatMap(row =>
    row.digest ? [row.repository.split('/').at(-1)!] : [],
  );
}

it('takes up what a file adds, keeps it on error, and retires what goes', async () => {
  await backend.waitFor('the first mirror', 40_000, async () =>
    (await mirrored()).includes('alpine'),
  );

  declare('alpine', 'node');
  await backend.waitFor('the second mirror', 40_000, async () =>
    (await mirrored()).includes('node'),
  );

  content = 'mirrors: { entries: [{ source: 7 }] }';
  const error = await backend.waitFor('the error', 40_000, async () => {
    const { definitions } = await backend.get<{
      definitions: Array<{ url: string; error: string | null }>;
    }>(`${V1}/summary`);
    return definitions[0].error ?? undefined;
  });
  expect(error).toContain(`${url}: mirrors.entries[0].source`);
  expect(await start('node')).toBe(202);

  declare('node');
  await backend.waitFor(
    'the end of the first mirror',
    40_000,
    async () => (await start('alpine')) === 400,
  );
  expect(await start('node')).toBe(202);
});

async function start(target: string): Promise<number> {
  const body = { kind: 'sync', target };
  return (await backend.ask('POST', `${V1}/runs`, { body })).status;
}
