import { pushImage, RegistryHttp, TestRegistry } from '@imglife/test-registry';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PostgresDatabases } from './PostgresDatabases';
import {
  RealBackend,
  type RealBackendOptions,
  type RealRun,
} from './RealBackend';

jest.setTimeout(600_000);

const V1 = '/api/imglife/v1';
const TAG = '3.21.3';
const BASE_TAG = `${TAG}-core1.0.0`;
/** The three that stand on the mirror that moves; the last through the first. */
const MOVED = ['one', 'two', 'upon'];
const ALL = [...MOVED, 'other'];
const DUE_MS = 180_000;

interface BuildEntry {
  kind: string;
  state: string;
  digest: string | null;
  reasons: string[];
}

const databases = PostgresDatabases.create();
let folder: string;
let upstream: TestRegistry;
let target: TestRegistry;
let backend: RealBackend | undefined;
let options: RealBackendOptions;

const pushUpstream = (name: string, content: string) =>
  pushImage(upstream.host, {
    repository: `library/${name}`,
    tag: TAG,
    platforms: ['linux/amd64'],
    layers: [{ 'etc/release': content }],
  });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-moved-'));
  upstream = await TestRegistry.start();
  target = await TestRegistry.start();
  await pushUpstream('alpine', 'first');
  await pushUpstream('debian', 'first');
  const base = (name: string, from: object) => ({
    name,
    from: { track: 'all', ...from },
    template: `FROM {{ mirror.reference }}\nENV NAME=${name}\n`,
  });
  options = {
    folder,
    databases,
    alone: true,
    imglife: {
      registries: [upstream, target].map(({ host }) => ({
        host,
        insecure: true,
      })),
      tiers: {
        mirrors: `${target.host}/mirrors`,
        bases: `${target.host}/bases`,
      },
      mirrors: {
        entries: ['alpine', 'debian'].map(name => ({
          source: `${upstream.host}/library/${name}`,
          tags: { names: [TAG] },
        })),
      },
      bases: {
        entries: [
          base('one', { mirror: 'alpine' }),
          base('two', { mirror: 'alpine' }),
          base('upon', { base: 'one' }),
          base('other', { mirror: 'debian' }),
        ],
      },
    },
  };
});

afterAll(async () => {
  await backend?.stop();
  await upstream?.stop();
  await target?.stop();
  await databases.drop();
  await rm(folder, { recursive: true, force: true });
});

const digestOf = (name: string, tag = BASE_TAG) =>
  RegistryHttp.create(target.host).headManifest(name, tag);

/** Every attempt to build a base, oldest first. */
async function buildsOf(name: string): Promise<BuildEntry[]> {
  const query = `repository=${target.host}/bases/${name}&kind=build`;
  const { items } = await backend!.get<{ items: BuildEntry[] }>(
    `${V1}/images/history?${query}`,
  );
  return items.reverse();
}

/** How often the tag of a base was set. */
function tagsSet(name: string): number {
  const wanted = `/v2/bases/${name}/manifests/${BASE_TAG}`;
  return target.requests.filter(
    ({ method, path: asked, status }) =>
      method === 'PUT' && asked === wanted && status === 201,
  ).length;
}

async function untilBuilt(count: number, names: string[]): Promise<void> {
  await backend!.waitFor(`${count} builds of each`, DUE_MS, async () => {
    const builds = await Promise.all(names.map(buildsOf));
    return builds.every(
      each => each.filter(({ state }) => state === 'succeeded').length >= count,
    );
  });
}

it('rebuilds exactly the bases on a mirror that moved, once, though it is killed twice', async () => {
  backend = await RealBackend.start(options);
  for (const mirror of ['alpine', 'debian']) {
    await backend.run('sync', mirror);
  }
  await backend.run('build');
  await untilBuilt(1, ALL);
  const before = new Map(
    await Promise.all(
      ALL.map(async name => [name, await digestOf(`bases/${name}`)] as const),
    ),
  );

  // the mirror moves, and what could have told of it dies at once, whatever it
  // had begun
  target.fail({
    method: 'PUT',
    path: new RegExp(`^/v2/bases/.*/manifests/${BASE_TAG}$`),
    times: ALL.length,
    action: { kind: 'hang' },
  });
  const { digest: moved } = await pushUpstream('alpine', 'second');
  await backend.ask('POST', `${V1}/runs`, {
    body: { kind: 'sync', target: 'alpine' },
  });
  await backend.waitFor('the moved mirror', DUE_MS, async () => {
    const rows = await backend!.rows<{ digest: string }>('mirrors');
    return rows.some(({ digest }) => digest === moved);
  });
  await backend.kill();
  target.clearFaults();
  expect(await digestOf('mirrors/alpine', TAG)).toBe(moved);
  for (const name of ALL) {
    expect(await digestOf(`bases/${name}`)).toBe(before.get(name));
  }

  // dies again with the first of them pushed and its tag not yet set
  const fault = target.fail({
    method: 'PUT',
    path: `/v2/bases/one/manifests/${BASE_TAG}`,
    action: { kind: 'hang' },
  });
  backend = await RealBackend.start(options);
  await backend.waitFor(
    'a build under way',
    DUE_MS,
    async () => fault.hits > 0,
  );
  const runs = await backend.get<{ items: RealRun[] }>(
    `${V1}/runs?kind=build&state=running`,
  );
  expect(runs.items.map(run => run.target)).toContain('one');
  await backend.kill();
  target.clearFaults();
  expect(await digestOf('bases/one')).toBe(before.get('one'));

  backend = await RealBackend.start(options);
  await untilBuilt(2, MOVED);
  // all that was queued meanwhile is through, and what comes of itself again
  await backend.waitFor('quiet', DUE_MS, async () => {
    const { items } = await backend!.get<{ items: RealRun[] }>(`${V1}/runs`);
    return items.every(({ state }) => !['queued', 'running'].includes(state));
  });
  await backend.run('build');
  const moves = [
    expect.objectContaining({ state: 'succeeded', reasons: ['first-build'] }),
    expect.objectContaining({ state: 'succeeded', reasons: ['mirror-moved'] }),
  ];
  for (const name of MOVED) {
    const builds = await buildsOf(name);
    expect([name, builds]).toEqual([name, moves]);
    expect([name, tagsSet(name)]).toEqual([name, 2]);
    expect(await digestOf(`bases/${name}`)).toBe(builds[1].digest);
    expect(builds[1].digest).not.toBe(before.get(name));
  }
  expect(await buildsOf('other')).toEqual(moves.slice(0, 1));
  expect(tagsSet('other')).toBe(1);
});
