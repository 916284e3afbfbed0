import {
  makeImage,
  RegistryHttp,
  TestRegistry,
  type LayerFiles,
} from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RealBackend, type RealRun } from './RealBackend';
import { SteadyReader } from './SteadyReader';
import { TestRegistryProcess } from './TestRegistryProcess';

const REPOSITORY = 'library/shop';
const TARGET = 'mirrors/shop';
const SYNCS = '/api/imglife/v1/runs?kind=sync';
/** Upstream is as slow as one in the same country, so that a sync lasts. */
const UPSTREAM_DELAY_MS = 15;
const LONGEST_WAIT_MS = 1_500;
/** A run that is given up is tried again after a pause that doubles. */
const START_MS = 240_000;
const END_MS = 120_000;

/** How a trial goes. */
export interface KillTrialOptions {
  /** an empty folder */
  folder: string;
  kills: number;
  tags: number;
  /** from 0 to below 1: when to kill and what to pull */
  random: () => number;
}

/** What a trial has shown. */
export interface KillTrialResult {
  /** Kills that hit a sync under way. */
  kills: number;
  /** Tags at the target when each kill came. */
  tagsAtKill: number[];
  /** Whole pulls while all this went on. */
  pulls: number;
  /** What was wrong with the pulls that were not whole. */
  broken: string[];
  /** Tags that are not at the end what upstream has, or not whole. */
  different: string[];
  /** Rows of the mirror that are `current` in the end. */
  current: number;
}

async function pushTags(
  upstream: TestRegistry,
  count: number,
): Promise<Map<string, string>> {
  const http = RegistryHttp.create(upstream.host);
  const digests = new Map<string, string>();
  const shared = randomBytes(60_000);
  for (let at = 0; at < count; at += 1) {
    const tag = `1.${Math.floor(at / 20)}.${at % 20}`;
    const own = randomBytes(20_000);
    const image = makeImage({
      platforms: ['linux/amd64', 'linux/arm64'],
      layers: (platform): LayerFiles[] => [{ shared }, { own, platform }],
    });
    for (const [digest, bytes] of image.blobs) {
      await http.pushBlob(REPOSITORY, digest, bytes);
    }
    for (const child of image.children) {
      await http.putManifest(REPOSITORY, child.digest, child);
    }
    await http.putManifest(REPOSITORY, tag, image);
    digests.set(tag, image.digest);
  }
  return digests;
}

function configOf(upstream: string, target: string): object {
  return {
    registries: [
      { host: upstream, insecure: true },
      { host: target, insecure: true },
    ],
    tiers: { mirrors: `${target}/mirrors`, bases: `${target}/bases` },
    mirrors: {
      entries: [{ source: `${upstream}/${REPOSITORY}`, tags: { regex: '.*' } }],
    },
  };
}

/**
 * Kills the backend at a random moment of its sync; false when that was over
 * before. A run that was killed ten times is given up, and after a pause there
 * is another.
 */
async function killOnce(
  backend: RealBackend,
  random: () => number,
): Promise<boolean> {
  const run = await backend.waitFor('a running sync', START_MS, async () => {
    const { items } = await backend.get<{ items: RealRun[] }>(SYNCS);
    return items.find(({ state }) => ['running', 'succeeded'].includes(state));
  });
  await sleep(random() * LONGEST_WAIT_MS);
  const { state } = await backend.get<RealRun>(
    `/api/imglife/v1/runs/${run.id}`,
  );
  await backend.kill();
  return state === 'running';
}

/** Kills until it was done often enough or the sync is over, then lets it end. */
async function killAndFinish(
  options: KillTrialOptions,
  start: () => Promise<RealBackend>,
  reader: SteadyReader,
) {
  const tagsAtKill: number[] = [];
  for (let at = 0; at < options.kills; at += 1) {
    if (!(await killOnce(await start(), options.random))) {
      break;
    }
    tagsAtKill.push((await reader.tags()).length);
  }
  const backend = await start();
  try {
    await backend.waitFor('a whole sync', END_MS, async () => {
      const { items } = await backend.get<{ items: RealRun[] }>(SYNCS);
      return items[0].state === 'succeeded' || undefined;
    });
    const rows = await backend.rows<{ state: string }>('mirrors');
    const current = rows.filter(({ state }) => state === 'current').length;
    return { tagsAtKill, current };
  } finally {
    await backend.stop();
  }
}

/**
 * Syncs many tags with a backend that is killed (`kill -9`) at random moments
 * and started again, on SQLite, while a reader pulls from the target: a
 * test/registry process that takes manifests whose parts are absent, so that
 * nothing but the order of the copy keeps a tag whole.
 */
export async function runKillTrial(
  options: KillTrialOptions,
): Promise<KillTrialResult> {
  const { folder, random } = options;
  const upstream = await TestRegistry.start({
    delay: ({ method }) => (method === 'GET' ? UPSTREAM_DELAY_MS : undefined),
  });
  const target = await TestRegistryProcess.start(
    path.join(folder, 'target'),
    '--no-manifest-checks',
  );
  const base = `http://${target.host}/v2/${TARGET}`;
  const reader = SteadyReader.start(base, random);
  try {
    const wanted = await pushTags(upstream, options.tags);
    const connection = { directory: path.join(folder, 'database') };
    const start = () =>
      RealBackend.start({
        folder,
        alone: true,
        databases: { config: { client: 'better-sqlite3', connection } },
        imglife: configOf(upstream.host, target.host),
      });
    const { tagsAtKill, current } = await killAndFinish(options, start, reader);
    await reader.stop();
    const different: string[] = [];
    for (const [tag, digest] of wanted) {
      const found = await reader.pull(tag).catch((error: Error) => error);
      if (found !== digest) {
        different.push(`${tag}: ${found}`);
      }
    }
    const { pulls, broken } = reader;
    const kills = tagsAtKill.length;
    return { kills, tagsAtKill, pulls, broken, different, current };
  } finally {
    await reader.stop();
    await target.stop();
    await upstream.stop();
  }
}

/** A source of chance that gives the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) % 0x100000000;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}
