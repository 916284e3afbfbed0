import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { RegistryClient } from '@imglife/oci';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import type { Definitions, MirrorDefinition } from '../definitions/Definitions';
import { StubLifecycle } from '../status/__fixtures__/StubLifecycle';
import { DatabaseMirrorStore } from './DatabaseMirrorStore';
import { DefaultMirrorService } from './DefaultMirrorService';

jest.setTimeout(60_000);

const HOUR = 3_600_000;
const TAGS = Array.from({ length: 10 }, (_, at) => `1.0.${at}`);
const REPOSITORIES = ['a', 'b', 'c', 'd', 'e', 'f'];

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
let knex: Knex;
let upstream: TestRegistry;
let own: TestRegistry;
let clients: Map<string, RegistryClient>;
let clock: number;
let failed: unknown[];

beforeEach(async () => {
  knex = await connectDatabase(
    mockServices.database({ knex: await databases.init('SQLITE_3') }),
  );
  upstream = await TestRegistry.start();
  own = await TestRegistry.start();
  clients = new Map(
    [upstream, own].map(({ host }) => [
      host,
      RegistryClient.create({ host, insecure: true }),
    ]),
  );
  clock = Date.parse('2026-06-01T00:00:00.000Z');
  failed = [];
});

afterEach(async () => {
  await Promise.all([...clients.values()].map(client => client.close()));
  await upstream.stop();
  await own.stop();
  await knex.destroy();
});

const mirror = (name: string, change = {}) =>
  ({
    name,
    configPath: 'imglife.mirrors.entries[0]',
    source: { registry: upstream.host, repository: `library/${name}` },
    target: { registry: own.host, repository: `mirrors/${name}` },
    tags: { names: [], regex: '.*', cycles: 'all' },
    lifecycle: { product: 'alpine-linux', extendedSupport: false },
    hash: '1',
    ...change,
  } as MirrorDefinition);

/** One round of all mirrors in one run; requests are counted from its begin. */
async function round(entries: MirrorDefinition[]): Promise<void> {
  upstream.clearRequests();
  own.clearRequests();
  await DefaultMirrorService.create({
    definitions: { mirrors: { entries } } as Definitions,
    registries: {
      clientFor: (host: string) => clients.get(host)!,
    } as never,
    store: DatabaseMirrorStore.create({ knex }),
    lifecycle: new StubLifecycle(),
    recomputer: { recompute: async () => {} },
    now: () => new Date(clock),
    logger: mockServices.logger.mock(),
  }).run({
    id: `run-${clock}`,
    kind: 'sync',
    dryRun: false,
    force: false,
    actor: 'user:default/guest',
    signal: new AbortController().signal,
    log: () => {},
    item: item => item.state === 'failed' && failed.push(item),
    progress: () => {},
  });
  expect(failed).toEqual([]);
}

const push = (repository: string, tag: string) =>
  pushImage(upstream.host, {
    repository: `library/${repository}`,
    tag,
    platforms: ['linux/amd64'],
    layers: [{ 'etc/shared': 'all' }, { 'etc/version': tag }],
  });

/** Digest of each blob that was read, as often as it was. */
const blobsRead = () =>
  upstream.requests
    .filter(line => line.method === 'GET' && line.path.includes('/blobs/'))
    .map(line => line.path.slice(line.path.lastIndexOf('/') + 1))
    .sort();

const expectEachOnce = (blobs: string[]) => {
  expect(blobs.length).toBeGreaterThan(0);
  expect(blobs).toEqual([...new Set(blobs)]);
};

/** How many uploads carried a blob. */
const blobsWritten = () =>
  own.requests.filter(
    line => line.method === 'PUT' && line.path.includes('/blobs/uploads/'),
  ).length;

const perTag = (registry: TestRegistry) =>
  registry.requests.filter(line => !line.path.endsWith('/tags/list')).length /
  TAGS.length;

it('moves each blob once for 60 tags in 6 repositories that share layers', async () => {
  for (const name of REPOSITORIES) {
    for (const tag of TAGS) {
      await push(name, tag);
    }
  }
  await round(REPOSITORIES.map(name => mirror(name)));
  const blobs = blobsRead();
  expectEachOnce(blobs);
  expect(blobsWritten()).toBe(blobs.length);
  for (const name of REPOSITORIES) {
    const tags = await clients.get(own.host)!.listTags(`mirrors/${name}`);
    expect(tags.sort()).toEqual(TAGS);
  }
});

it('reads a source of several targets once', async () => {
  for (const tag of TAGS) {
    await push('a', tag);
  }
  const target = { registry: own.host, repository: 'elsewhere/a' };
  await round([mirror('a'), mirror('a-too', { ...source('a'), target })]);
  expectEachOnce(blobsRead());
  const listed = upstream.requests.filter(line =>
    line.path.endsWith('/tags/list'),
  );
  expect(listed).toHaveLength(1);
});

it.each<[string, object, number, { upstream: number; all: number }]>([
  ['pulled over a day ago', {}, 25, { upstream: 1, all: 2 }],
  ['that are immutable', { immutable: '.*' }, 25, { upstream: 0, all: 1 }],
  [
    'that are immutable and fresh',
    { immutable: '.*' },
    1,
    { upstream: 0, all: 1 },
  ],
])('asks of unchanged tags %s', async (_, change, hours, expected) => {
  for (const tag of TAGS) {
    await push('a', tag);
  }
  const entries = [mirror('a', change)];
  await round(entries);
  clock += hours * HOUR;
  await round(entries);
  expect({
    upstream: perTag(upstream),
    all: perTag(upstream) + perTag(own),
  }).toEqual(expected);
});

it('asks of referrers in the first day, and not after', async () => {
  for (const tag of TAGS) {
    await push('a', tag);
  }
  const entries = [mirror('a')];
  const referrers = () =>
    upstream.requests.filter(line => line.path.includes('/referrers/')).length;
  await round(entries);
  clock += HOUR;
  await round(entries);
  expect(referrers()).toBe(TAGS.length);
  clock += 24 * HOUR;
  await round(entries);
  expect(referrers()).toBe(0);
});

function source(name: string) {
  return {
    source: { registry: upstream.host, repository: `library/${name}` },
  };
}
