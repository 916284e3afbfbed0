import {
  type FaultAction,
  pushImage,
  RegistryHttp,
  TestRegistry,
} from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend, type RealRun } from './RealBackend';

jest.setTimeout(240_000);

const V1 = '/api/imglife/v1';
const TAGS = ['1.0.0', '1.0.1', '1.0.2'];
const LAYER_BYTES = 600_000;
/** So that no upload ends by itself while a second backend starts. */
const BYTES_PER_SECOND = 2_000;
const CHUNK_BYTES = 300_000;
const STOPPED_MS = 2_000;

/** How upstream or the target hold a copy up. */
interface Holdup {
  name: string;
  /** bytes per second of a layer that is read */
  throttle?: number;
  prepare?: (target: TestRegistry) => void;
}

const HOLDUPS: Holdup[] = [
  { name: 'slow-upstream', throttle: BYTES_PER_SECOND },
  {
    name: 'slow-target',
    prepare: target => holdUp(target, 'PUT', { kind: 'slow', rate: 1 }),
  },
  {
    name: 'chunks',
    prepare: target => {
      target.capabilities.maxBody = CHUNK_BYTES;
      holdUp(target, 'PATCH', { kind: 'slow', rate: 1 });
    },
  },
  {
    name: 'hanging-target',
    prepare: target => holdUp(target, 'PUT', { kind: 'hang' }),
  },
];

function holdUp(target: TestRegistry, method: string, action: FaultAction) {
  const uploads = { method, path: /blobs\/uploads/, times: Infinity };
  target.fail({ ...uploads, action });
}

const databases = PostgresDatabases.create();
let folder: string;
let throttle: number | undefined;
let upstream: TestRegistry;
let target: TestRegistry;
let worker: RealBackend;
let imglife: object;

const startBackend = async () =>
  RealBackend.start({
    folder: await mkdtemp(path.join(folder, 'backend-')),
    databases,
    alone: true,
    imglife,
  });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-cancel-'));
  upstream = await TestRegistry.start({ throttle: () => throttle });
  target = await TestRegistry.start();
  imglife = {
    registries: [upstream, target].map(({ host }) => ({
      host,
      insecure: true,
    })),
    tiers: { mirrors: `${target.host}/mirrors`, bases: `${target.host}/bases` },
    mirrors: {
      entries: HOLDUPS.map(({ name }) => ({
        source: `${upstream.host}/library/${name}`,
        tags: { names: TAGS },
      })),
    },
  };
  worker = await startBackend();
  // the first round finds nothing to mirror
  await worker.waitFor('the first round', 60_000, async () => {
    const { items } = await worker.get<{ items: RealRun[] }>(
      `${V1}/runs?kind=sync`,
    );
    return (
      items.length >= HOLDUPS.length &&
      items.every(({ finishedAt }) => finishedAt !== null)
    );
  });
});

afterAll(async () => {
  await worker?.stop();
  await upstream.stop();
  await target.stop();
  await databases.drop();
  await rm(folder, { recursive: true, force: true });
});

it.each(HOLDUPS)(
  'stops within two seconds when another backend is told to: $name',
  async ({ name, prepare, throttle: rate }) => {
    for (const tag of TAGS) {
      await pushImage(upstream.host, {
        repository: `library/${name}`,
        tag,
        platforms: ['linux/amd64'],
        layers: [{ 'opt/noise': randomBytes(LAYER_BYTES).toString('base64') }],
      });
    }
    prepare?.(target);
    throttle = rate;
    const body = { kind: 'sync', target: name };
    const asked = await worker.ask('POST', `${V1}/runs`, { body });
    const { id } = (await asked.json()) as { id: string };
    await worker.waitFor('uploads under way', 30_000, async () => {
      const open = await target.openUploads();
      return open.length >= TAGS.length;
    });

    const other = await startBackend();
    const cancelledAt = Date.now();
    try {
      const answer = await other.ask('POST', `${V1}/runs/${id}/cancel`);
      expect(answer.status).toBe(202);
      const end = await untilStopped(other, id);
      expect(end.state).toBe('cancelled');
      expect(end.at - cancelledAt).toBeLessThan(STOPPED_MS);
      expect(await target.openUploads()).toEqual([]);
      const http = RegistryHttp.create(target.host);
      for (const tag of TAGS) {
        expect(await http.headManifest(`mirrors/${name}`, tag)).toBeUndefined();
      }
    } finally {
      await other.stop();
      throttle = undefined;
      target.clearFaults();
      target.capabilities.maxBody = Infinity;
    }
  },
);

/** The state a run ends with, and when it was seen to have. */
async function untilStopped(backend: RealBackend, id: string) {
  for (;;) {
    const { state } = await backend.get<RealRun>(`${V1}/runs/${id}`);
    if (!['queued', 'running'].includes(state)) {
      return { state, at: Date.now() };
    }
    await wait(50);
  }
}
