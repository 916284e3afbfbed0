import { OwnPostgres, RealBackend, type RealRun } from '@imglife/test-real';
import { makeImage, RegistryHttp } from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { median } from './median';
import { timed } from './timed';

const ROUNDS = 5;
const TAGS = 500;
const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
const LAYERS = 5;
const PUSHED_AT_ONCE = 8;
const FIRST_SYNC_MS = 300_000;

/** What is compared, and where; the upstream has nothing of it yet. */
export interface UnchangedSetting {
  folder: string;
  /** `host:port` of the upstream */
  from: string;
  /** `host:port` of the target */
  to: string;
  log: (line: string) => void;
}

/** Medians of a round in which nothing is to be copied, in seconds. */
export interface UnchangedCost {
  /** tags of three platforms with five layers each: upstreams have more platforms */
  ours: number;
  theirs: number;
  /** tags of one platform with one layer: the least that skopeo has to ask */
  oursSmallest: number;
  theirsSmallest: number;
}

/**
 * Rounds of 500 unchanged tags: a run of the portal on PostgreSQL, with its
 * database and record, against `skopeo sync --all`.
 */
export async function benchUnchanged(
  setting: UnchangedSetting,
): Promise<UnchangedCost> {
  const tags = Array.from({ length: TAGS }, (_, at) => `1.0.${at}`);
  await pushTags(setting.from, 'usual', tags, PLATFORMS, LAYERS);
  await pushTags(setting.from, 'smallest', tags, PLATFORMS.slice(0, 1), 1);
  const postgres = await OwnPostgres.start(path.join(setting.folder, 'own'));
  try {
    const portal = await startPortal(setting, postgres);
    try {
      const usual = await compare(setting, portal, 'usual', tags);
      const smallest = await compare(setting, portal, 'smallest', tags);
      return {
        ...usual,
        oursSmallest: smallest.ours,
        theirsSmallest: smallest.theirs,
      };
    } finally {
      await portal.stop();
    }
  } finally {
    await postgres.stop();
  }
}

/** Each tag is an image of its own; all but the last of its layers are shared. */
async function pushTags(
  host: string,
  repository: string,
  tags: string[],
  platforms: string[],
  layers: number,
): Promise<void> {
  const http = RegistryHttp.create(host);
  const shared = new Map(
    platforms.map(platform => [
      platform,
      Array.from({ length: layers - 1 }, (_, at) => ({
        [`${at}`]: randomBytes(1000),
      })),
    ]),
  );
  // one push of each: docker-registry answers 500 to two at once
  const pushes = new Map<string, Promise<void>>();
  await eachAtOnce(tags, PUSHED_AT_ONCE, async tag => {
    const image = makeImage({
      platforms,
      layers: platform => [
        ...shared.get(platform)!,
        { tag: Buffer.from(`${tag} ${platform}`) },
      ],
    });
    for (const [digest, bytes] of image.blobs) {
      const push =
        pushes.get(digest) ?? http.pushBlob(repository, digest, bytes);
      pushes.set(digest, push);
      await push;
    }
    for (const child of platforms.length > 1 ? image.children : []) {
      await http.putManifest(repository, child.digest, child);
    }
    await http.putManifest(repository, tag, image);
  });
}

async function eachAtOnce<T>(
  items: T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await work(next);
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

async function startPortal(
  { folder, from, to }: UnchangedSetting,
  postgres: OwnPostgres,
): Promise<RealBackend> {
  const home = path.join(folder, 'portal');
  await mkdir(home);
  return RealBackend.start({
    folder: home,
    alone: true,
    databases: { config: { ...postgres.config, prefix: 'unchanged_' } },
    imglife: {
      registries: [from, to].map(host => ({
        host,
        insecure: true,
        concurrency: 8,
      })),
      tiers: { mirrors: `${to}/mirrors`, bases: `${to}/bases` },
      mirrors: {
        schedule: { frequency: { days: 30 } },
        verify: { frequency: { days: 30 } },
        entries: ['usual', 'smallest'].map(name => ({
          source: `${from}/${name}`,
          tags: { regex: '.*' },
        })),
      },
    },
  });
}

async function compare(
  { folder, from, to, log }: UnchangedSetting,
  portal: RealBackend,
  repository: string,
  tags: string[],
): Promise<{ ours: number; theirs: number }> {
  const file = path.join(folder, `${repository}.json`);
  await writeFile(
    file,
    JSON.stringify({
      [from]: { 'tls-verify': false, images: { [repository]: tags } },
    }),
  );
  const sync = `skopeo --insecure-policy sync --all --preserve-digests --src yaml --dest docker --dest-tls-verify=false ${file} ${to}/mirrors`;
  // both compare with what the portal has brought
  await syncOnce(portal, repository);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    ours.push(await syncOnce(portal, repository));
    theirs.push((await timed(sync)).wall);
    log(
      `${repository} unchanged ${round}: ${ours.at(-1)} s, skopeo ${theirs.at(
        -1,
      )} s`,
    );
  }
  return { ours: median(ours), theirs: median(theirs) };
}

/** @returns seconds from the start of the run to its end, as recorded */
async function syncOnce(portal: RealBackend, target: string): Promise<number> {
  const run = await portal.waitFor('a free mirror', FIRST_SYNC_MS, async () => {
    const response = await portal.ask('POST', '/api/imglife/v1/runs', {
      body: { kind: 'sync', target },
    });
    const { id } = (await response.json()) as { id: string };
    return portal.endOfRun(id, FIRST_SYNC_MS);
  });
  if (run.state !== 'succeeded') {
    throw new Error(`the sync of ${target} ended ${run.state}: ${run.error}`);
  }
  return secondsOf(run);
}

function secondsOf({ startedAt, finishedAt }: RealRun): number {
  return (Date.parse(finishedAt!) - Date.parse(startedAt!)) / 1000;
}
