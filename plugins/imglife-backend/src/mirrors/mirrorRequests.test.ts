import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import { BlobPlaces, pushReferrer, RegistryClient } from '@imglife/oci';
import {
  type ImageSpec,
  pushImage,
  TestRegistry,
} from '@imglife/test-registry';
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
let items: RunItem[];

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
  items = [];
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
  await run(entries);
}

/** One run, of a backend that knows of no other unless they share `places`. */
async function run(
  entries: MirrorDefinition[],
  { places, dryRun = false }: { places?: BlobPlaces; dryRun?: boolean } = {},
): Promise<void> {
  await DefaultMirrorService.create({
    places,
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
    dryRun,
    force: false,
    actor: 'user:default/guest',
    signal: new AbortController().signal,
    log: () => {},
    item: item => {
      items.push(item);
    },
    progress: () => {},
  });
  expect(items.filter(({ state }) => state === 'failed')).toEqual([]);
}

const push = (
  repository: string,
  tag: string,
  platforms: ImageSpec['platforms'] = ['linux/amd64'],
) =>
  pushImage(upstream.host, {
    repository: `library/${repository}`,
    tag,
    platforms,
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

const elsewhere = (name: string, target: string, change = {}) =>
  mirror(`${name}-${target}`, {
    ...source(name),
    target: { registry: own.host, repository: `${target}/${name}` },
    ...change,
  });

/** What was asked of upstream for content, not for comparison. */
const contentRead = () =>
  upstream.requests.filter(
    ({ method, path }) =>
      method === 'GET' && /\/(manifests|blobs)\//.test(path),
  );

/** Mounts that opened an upload instead. */
const mountsRefused = () =>
  own.requests.filter(
    ({ method, query, status }) =>
      method === 'POST' && query.includes('mount=') && status === 202,
  ).length;

const expectMirrored = async (name: string, repository: string) => {
  for (const tag of TAGS) {
    const [was, is] = await Promise.all([
      clients.get(upstream.host)!.headManifest(`library/${name}`, tag),
      clients.get(own.host)!.headManifest(repository, tag),
    ]);
    expect(is).toEqual(was);
  }
};

/** Attaches something to an image. */
async function sign(name: string, tag: string): Promise<void> {
  const client = clients.get(upstream.host)!;
  const repository = `library/${name}`;
  const subject = (await client.headManifest(repository, tag))!;
  await pushReferrer(
    { client, repository, subject },
    { artifactType: 'application/x.signature', content: Buffer.from(tag) },
  );
}

it('takes what another run has brought from there, and nothing of upstream', async () => {
  for (const tag of TAGS) {
    await push('a', tag);
    await sign('a', tag);
  }
  await round([elsewhere('a', 'first')]);
  expect(blobsWritten()).toBeGreaterThan(0);
  await round([elsewhere('a', 'second')]);
  expect(blobsRead()).toEqual([]);
  expect(blobsWritten()).toBe(0);
  expect(contentRead()).toEqual([]);
  expect(mountsRefused()).toBe(0);
  await expectMirrored('a', 'second/a');
});

it.each<[string, object]>([
  ['all platforms', {}],
  ['a part of the platforms', { platforms: ['linux/arm64'] }],
])('reads no blob of %s twice for two targets', async (_, change) => {
  for (const tag of TAGS) {
    await push('a', tag, ['linux/amd64', 'linux/arm64']);
  }
  await round([elsewhere('a', 'first', change)]);
  await round([elsewhere('a', 'second', change)]);
  expect(blobsRead()).toEqual([]);
  expect(blobsWritten()).toBe(0);
});

it('moves each blob once for repositories that share layers, a run for each', async () => {
  for (const name of REPOSITORIES) {
    for (const tag of TAGS) {
      await push(name, tag);
    }
  }
  upstream.clearRequests();
  own.clearRequests();
  for (const name of REPOSITORIES) {
    await run([mirror(name)]);
  }
  expectEachOnce(blobsRead());
  expect(blobsWritten()).toBe(blobsRead().length);
});

it('moves each blob once for runs at the same time in one process', async () => {
  for (const name of REPOSITORIES) {
    for (const tag of TAGS) {
      await push(name, tag);
    }
  }
  upstream.clearRequests();
  own.clearRequests();
  const places = BlobPlaces.create();
  await Promise.all(REPOSITORIES.map(name => run([mirror(name)], { places })));
  const written = blobsWritten();
  expect(new Set(blobsRead()).size).toBe(written);
  for (const name of REPOSITORIES) {
    await expectMirrored(name, `mirrors/${name}`);
  }
});

it('sends again what the registry has lost since', async () => {
  for (const tag of TAGS) {
    await push('a', tag);
  }
  await round([elsewhere('a', 'first')]);
  const sent = blobsWritten();
  await own.stop();
  own = await TestRegistry.start({
    port: Number(own.host.split(':')[1]),
  });
  await round([elsewhere('a', 'second')]);
  expect(blobsWritten()).toBe(sent);
  expect(mountsRefused()).toBeLessThanOrEqual(3);
  await expectMirrored('a', 'second/a');
});

it('tries no more than a few mounts at a registry that has none', async () => {
  for (const tag of TAGS) {
    await push('a', tag);
  }
  await round([elsewhere('a', 'first')]);
  own.capabilities.mounts = false;
  await round([elsewhere('a', 'second')]);
  // from the repository that has them, not from upstream
  expect(blobsRead()).toEqual([]);
  expect(mountsRefused()).toBeLessThanOrEqual(3);
  expect(await own.openUploads()).toEqual([]);
  await expectMirrored('a', 'second/a');
});

it('says in a dry run that nothing would move', async () => {
  for (const tag of TAGS) {
    await push('a', tag);
  }
  await round([elsewhere('a', 'first')]);
  items = [];
  await run([elsewhere('a', 'second')], { dryRun: true });
  expect(items.map(({ bytes }) => bytes)).toEqual(TAGS.map(() => 0));
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
