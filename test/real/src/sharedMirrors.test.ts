import { pushImage, RegistryHttp, TestRegistry } from '@imglife/test-registry';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend, type RealRun } from './RealBackend';

jest.setTimeout(240_000);

const V1 = '/api/imglife/v1';
const TAG = '1.0.0';
const NAMES = Array.from({ length: 40 }, (_, at) => `app-${at}`);
const ROUND_MS = 90_000;
const TAKEN_UP_MS = 30_000;
/** Upstream's time for a blob in the second round, so that a kill falls into it. */
const SLOW_MS = 400;

type Run = RealRun & { target: string; finishedAt: string | null };

const databases = PostgresDatabases.create();
let slow = false;
let open: () => void;
/** Upstream answers no listing before both backends have begun. */
const opened = new Promise<void>(resolve => {
  open = resolve;
});
let folder: string;
let upstream: TestRegistry;
let target: TestRegistry;
const backends: RealBackend[] = [];

const push = (name: string, content: string) =>
  pushImage(upstream.host, {
    repository: `library/${name}`,
    tag: TAG,
    platforms: ['linux/amd64'],
    // of each its own, or one would be spared the wait by another
    layers: [{ 'etc/release': `${name} ${content}` }],
  });

/** How often the tags of a mirror's source were listed. */
const listings = (name: string) =>
  upstream.requests.filter(
    line => line.path === `/v2/library/${name}/tags/list`,
  ).length;

/** The runs of a backend that it said were over. */
const endedAt = ({ output }: RealBackend) =>
  [...output.matchAll(/Run sync (\S+) succeeded/g)].map(([, name]) => name);

const runsOf = async (backend: RealBackend) =>
  (await backend.get<{ items: Run[] }>(`${V1}/runs?kind=sync&limit=500`)).items;

/** Waits for a number of runs that were not among those before, all succeeded. */
async function untilSynced(
  backend: RealBackend,
  before: ReadonlySet<string>,
): Promise<Run[]> {
  return backend.waitFor('a whole round', ROUND_MS, async () => {
    const runs = (await runsOf(backend)).filter(({ id }) => !before.has(id));
    expect(runs.filter(({ state }) => state === 'failed')).toEqual([]);
    return (
      runs.length >= NAMES.length &&
      runs.every(({ state }) => state === 'succeeded') &&
      runs
    );
  });
}

/** More are running than one backend works on at once. */
async function untilBothWork(backend: RealBackend): Promise<void> {
  await backend.waitFor('runs under way at both', ROUND_MS, async () => {
    const runs = await runsOf(backend);
    return runs.filter(({ state }) => state === 'running').length > 4;
  });
}

async function expectMirrored(digests: ReadonlyMap<string, string>) {
  const http = RegistryHttp.create(target.host);
  for (const [name, digest] of digests) {
    const found = await http.headManifest(`mirrors/${name}`, TAG);
    expect([name, found]).toEqual([name, digest]);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-shared-'));
  upstream = await TestRegistry.start({
    delay: ({ method, path: asked }) =>
      slow && method === 'GET' && asked.includes('/blobs/')
        ? SLOW_MS
        : undefined,
    intercept: async ({ url }) => {
      if (url?.includes('/tags/list')) {
        await opened;
      }
      return false;
    },
  });
  target = await TestRegistry.start();
});

afterAll(async () => {
  await Promise.all(backends.map(backend => backend.stop()));
  await upstream.stop();
  await target.stop();
  await databases.drop();
  await rm(folder, { recursive: true, force: true });
});

it('shares 40 mirrors between two backends, and takes over from one that is killed', async () => {
  const digests = new Map<string, string>();
  for (const name of NAMES) {
    digests.set(name, (await push(name, 'first')).digest);
  }
  const imglife = {
    registries: [upstream, target].map(({ host }) => ({
      host,
      insecure: true,
    })),
    tiers: { mirrors: `${target.host}/mirrors`, bases: `${target.host}/bases` },
    mirrors: {
      entries: NAMES.map(name => ({
        source: `${upstream.host}/library/${name}`,
        tags: { names: [TAG] },
      })),
    },
  };
  for (const name of ['one', 'two']) {
    const own = await mkdtemp(path.join(folder, name));
    const options = { folder: own, databases, alone: true, imglife };
    backends.push(await RealBackend.start(options));
  }
  const [killed, left] = backends;
  await untilBothWork(left);
  open();

  // the first round: each mirror once, by one of both
  const first = await untilSynced(left, new Set());
  expect(first.map(run => run.target).sort()).toEqual([...NAMES].sort());
  expect(NAMES.map(listings)).toEqual(NAMES.map(() => 1));
  await expectMirrored(digests);
  await left.waitFor('what both have said', 5_000, async () => {
    const ended = backends.flatMap(endedAt).sort();
    return ended.length >= NAMES.length;
  });
  expect(backends.flatMap(endedAt).sort()).toEqual([...NAMES].sort());
  for (const backend of backends) {
    expect(endedAt(backend).length).toBeGreaterThan(0);
  }

  // the second: one is killed with runs under way
  slow = true;
  for (const name of NAMES) {
    digests.set(name, (await push(name, 'second')).digest);
  }
  upstream.clearRequests();
  for (const name of NAMES) {
    const body = { kind: 'sync', target: name };
    const { status } = await left.ask('POST', `${V1}/runs`, { body });
    expect(status).toBe(202);
  }
  const before = new Set(first.map(({ id }) => id));
  await untilBothWork(left);
  await killed.kill();
  const killedAt = Date.now();
  const underWay = (await runsOf(left)).filter(
    ({ state }) => state === 'running',
  );
  expect(underWay.length).toBeGreaterThan(0);
  const second = await untilSynced(left, before);
  expect(second.map(run => run.target).sort()).toEqual([...NAMES].sort());
  await expectMirrored(digests);
  const again = NAMES.filter(name => listings(name) > 1);
  expect(again.length).toBeGreaterThan(0);
  expect(underWay.map(run => run.target)).toEqual(
    expect.arrayContaining(again),
  );
  for (const name of again) {
    const taken = upstream.requests.filter(
      line => line.path === `/v2/library/${name}/tags/list`,
    );
    expect(taken).toHaveLength(2);
    expect(taken[1].at - killedAt).toBeLessThan(TAKEN_UP_MS);
  }
});
