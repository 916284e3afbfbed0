import { pushImage, RegistryHttp, TestRegistry } from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend, RealBackendOptions, RealRun } from './RealBackend';

jest.setTimeout(240_000);

const SYNCS = '/api/imglife/v1/runs?kind=sync';
const IMAGE = 'library/alpine';
const TAG = '3.21.3';
const SLOW_BYTES_PER_SECOND = 50;
const TAKEN_UP_MS = 30_000;

const databases = PostgresDatabases.create();
let folder: string;
let upstream: TestRegistry;
let target: TestRegistry;
/** the blob that upstream gives slowly */
let slow: string | undefined;
let backend: RealBackend | undefined;
let options: RealBackendOptions;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-real-kill-'));
  upstream = await TestRegistry.start({
    throttle: request =>
      slow && request.path.endsWith(`/${slow}`)
        ? SLOW_BYTES_PER_SECOND
        : undefined,
  });
  // It takes manifests whose blobs are absent, as some registries do: nothing
  // but the order of the copy keeps the tag whole.
  target = await TestRegistry.start({ checkManifests: false });
  options = {
    folder,
    databases,
    imglife: {
      registries: [
        { host: upstream.host, insecure: true },
        { host: target.host, insecure: true },
      ],
      tiers: {
        mirrors: `${target.host}/mirrors`,
        bases: `${target.host}/bases`,
      },
      mirrors: {
        entries: [
          { source: `${upstream.host}/${IMAGE}`, tags: { names: [TAG] } },
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

/** Every layer of the image, those of the last platform last. */
async function readLayers(): Promise<string[]> {
  const images = await RegistryHttp.create(upstream.host).readBase(IMAGE, TAG);
  return images.flatMap(({ layers }) => layers.map(({ digest }) => digest));
}

async function isMirrored(layer: string): Promise<boolean> {
  const url = `${target.url}/v2/mirrors/alpine/blobs/${layer}`;
  return (await fetch(url, { method: 'HEAD' })).ok;
}

/** Digest of the tag at the target. */
async function published(): Promise<string | undefined> {
  return RegistryHttp.create(target.host).headManifest('mirrors/alpine', TAG);
}

it('publishes no tag when it dies half way, and goes on after a restart', async () => {
  const { digest, children } = await pushImage(upstream.host, {
    repository: IMAGE,
    tag: TAG,
    platforms: ['linux/amd64', 'linux/arm64'],
    layers: platform => [
      { content: `the first layer of ${platform}` },
      // Noise, so that it is as long on the wire and takes minutes
      { content: randomBytes(8_000).toString('base64') },
    ],
  });
  const layers = await readLayers();
  expect(new Set(layers).size).toBe(4);
  slow = layers[3];

  backend = await RealBackend.start(options);
  await backend.waitFor('all blobs but the last', 60_000, async () => {
    const mirrored = await Promise.all(layers.map(isMirrored));
    return mirrored.filter(Boolean).length === layers.length - 1;
  });
  // Time for a copy that does not wait for its last blob to show itself
  await sleep(2_000);
  const { items: begun } = await backend.get<{ items: RealRun[] }>(SYNCS);
  await backend.kill();

  expect(await isMirrored(slow)).toBe(false);
  expect(await published()).toBeUndefined();
  expect(begun).toMatchObject([{ state: 'running' }]);
  const [run] = begun;

  slow = undefined;
  backend = await RealBackend.start(options);
  const ended = await backend.endOfRun(run.id, TAKEN_UP_MS);

  expect(ended).toMatchObject({ state: 'succeeded', error: null });
  expect(await published()).toBe(digest);
  expect(await Promise.all(layers.map(isMirrored))).not.toContain(false);
  const rows = await backend.rows('mirrors');
  expect(rows).toMatchObject([{ digest, state: 'current' }]);
  const { items: all } = await backend.get<{ items: RealRun[] }>(SYNCS);
  expect(all).toHaveLength(1);

  const puts = target.requests
    .filter(({ method, status }) => method === 'PUT' && status === 201)
    .map(request => request.path.split('/').at(-1));
  expect(puts).toEqual(
    expect.arrayContaining(children.map(child => child.digest)),
  );
  expect(puts.indexOf(TAG)).toBe(puts.length - 1);
});
