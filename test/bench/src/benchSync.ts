import { RegistryClient } from '@imglife/oci';
import {
  DebianRegistry,
  mustRun,
  runCopies,
  type CopyCost,
} from '@imglife/test-real';
import { makeImage, RegistryHttp } from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchResult } from './Bench';
import { median } from './median';

const ROUNDS = 5;
const UNCHANGED_ROUNDS = 3;
const MIB = 1024 * 1024;
const UNCHANGED_TAGS = 500;
const COMPARED_AT_ONCE = 8;
/** Nobody reads what it would say of each request. */
const QUIET = { log: { level: 'error', accesslog: { disabled: true } } };

interface Setting {
  folder: string;
  from: string;
  to: string;
}

async function push(
  host: string,
  repository: string,
  tags: string[],
  layers: number[],
): Promise<void> {
  const http = RegistryHttp.create(host);
  const image = makeImage({
    platforms: ['linux/amd64'],
    layers: layers.map(size => ({ [`${size}`]: randomBytes(size) })),
  });
  for (const [digest, bytes] of image.blobs) {
    await http.pushBlob(repository, digest, bytes);
  }
  for (const tag of tags) {
    await http.putManifest(repository, tag, image);
  }
}

/** skopeo, one call per image as its users make them; what the shell measures. */
async function copyTheirs(
  { from, to }: Setting,
  prefix: string,
  images: string[],
): Promise<Omit<CopyCost, 'memory'>> {
  const lines = images.map(
    image =>
      `skopeo --insecure-policy copy --quiet --all --preserve-digests --src-tls-verify=false --dest-tls-verify=false docker://${from}/${image} docker://${to}/${prefix}/${image}`,
  );
  return timed(lines.join(' && '));
}

async function timed(script: string): Promise<Omit<CopyCost, 'memory'>> {
  const said = await mustRun('bash', [
    '-c',
    `TIMEFORMAT='%R %U %S'; { time { ${script}; } >/dev/null 2>&3; } 3>&2 2>&1`,
  ]);
  const [wall, user, system] = said
    .trim()
    .split('\n')
    .at(-1)!
    .split(' ')
    .map(Number);
  return { wall, cpu: user + system };
}

/** What a round of a mirror asks where nothing changed. */
async function compareOurs({ from, to }: Setting): Promise<number> {
  const [source, target] = [from, to].map(host =>
    RegistryClient.create({ host, insecure: true, concurrency: 8 }),
  );
  const start = performance.now();
  const tags = await source.listTags('unchanged');
  const worker = async () => {
    for (let tag = tags.shift(); tag; tag = tags.shift()) {
      const heads = await Promise.all([
        source.headManifest('unchanged', tag),
        target.headManifest('sync/unchanged', tag),
      ]);
      if (!heads[0] || heads[0].digest !== heads[1]?.digest) {
        throw new Error(`unchanged:${tag} is not the same on both sides`);
      }
    }
  };
  await Promise.all(Array.from({ length: COMPARED_AT_ONCE }, worker));
  const wall = (performance.now() - start) / 1000;
  await Promise.all([source.close(), target.close()]);
  return wall;
}

async function benchUnchanged(
  setting: Setting,
  log: (line: string) => void,
): Promise<{ ours: number; theirs: number }> {
  const tags = Array.from({ length: UNCHANGED_TAGS }, (_, at) => `1.0.${at}`);
  await push(setting.from, 'unchanged', tags, [1000]);
  const file = path.join(setting.folder, 'sync.json');
  await writeFile(
    file,
    JSON.stringify({
      [setting.from]: { 'tls-verify': false, images: { unchanged: tags } },
    }),
  );
  const sync = `skopeo --insecure-policy sync --all --preserve-digests --src yaml --dest docker --dest-tls-verify=false ${file} ${setting.to}/sync`;
  await timed(sync);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 1; round <= UNCHANGED_ROUNDS; round += 1) {
    ours.push(await compareOurs(setting));
    theirs.push((await timed(sync)).wall);
    log(`unchanged ${round}: ${ours.at(-1)} s, skopeo ${theirs.at(-1)} s`);
  }
  return { ours: median(ours), theirs: median(theirs) };
}

/**
 * Works with a target nobody has seen: skopeo remembers between its calls
 * which repository of a host holds which blob, and would mount them.
 */
async function intoEmpty<T>(
  setting: Setting,
  work: (empty: Setting) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(setting.folder, 'empty-'));
  const target = await DebianRegistry.start(folder, { config: QUIET });
  try {
    return await work({ ...setting, to: target.host });
  } finally {
    await target.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchCold(
  setting: Setting,
  log: (line: string) => void,
): Promise<{ ours: CopyCost[]; theirs: Array<Omit<CopyCost, 'memory'>> }> {
  await push(
    setting.from,
    'large',
    ['1'],
    [100, 100, 100].map(n => n * MIB),
  );
  const images = ['large:1'];
  for (let at = 0; at < 40; at += 1) {
    const layers = Array.from({ length: 5 }, (_, n) => 64 * 1024 + n);
    await push(setting.from, `small/${at}`, ['1'], layers);
    images.push(`small/${at}:1`);
  }
  const ours: CopyCost[] = [];
  const theirs: Array<Omit<CopyCost, 'memory'>> = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    ours.push(
      await intoEmpty(setting, empty =>
        runCopies({ ...empty, prefix: 'cold', images }),
      ),
    );
    theirs.push(
      await intoEmpty(setting, empty => copyTheirs(empty, 'cold', images)),
    );
    log(
      `cold ${round}: ${JSON.stringify(ours.at(-1))}, skopeo ${JSON.stringify(
        theirs.at(-1),
      )}`,
    );
  }
  return { ours, theirs };
}

/**
 * Copies and comparisons between two docker-registries, against skopeo in the
 * same run. Ours is the client's work in a process of its own; the start of
 * that process (of a portal, in earnest) is not in it, that of skopeo is.
 */
export async function benchSync(
  log: (line: string) => void,
): Promise<BenchResult> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-bench-'));
  const [source, target] = await Promise.all(
    ['from', 'to'].map(name =>
      DebianRegistry.start(path.join(folder, name), { config: QUIET }),
    ),
  );
  const setting = { folder, from: source.host, to: target.host };
  try {
    await push(source.host, 'ten', ['1'], [10 * MIB]);
    const cold = await benchCold(setting, log);
    await push(source.host, 'thousand', ['1'], [1024 * MIB]);
    const ten = await runCopies({
      ...setting,
      prefix: 'memory',
      images: ['ten:1'],
    });
    const thousand = await runCopies({
      ...setting,
      prefix: 'memory',
      images: ['thousand:1'],
    });
    const unchanged = await benchUnchanged(setting, log);
    const [ours, theirs] = [cold.ours, cold.theirs].map(costs => ({
      wall: median(costs.map(each => each.wall)),
      cpu: median(costs.map(each => each.cpu)),
    }));
    return {
      figures: {
        coldSeconds: ours.wall,
        coldCpuSeconds: ours.cpu,
        skopeoColdSeconds: theirs.wall,
        skopeoColdCpuSeconds: theirs.cpu,
        memoryOf10MibLayerMib: ten.memory / MIB,
        memoryOf1GibLayerMib: thousand.memory / MIB,
        unchangedSeconds: unchanged.ours,
        skopeoUnchangedSeconds: unchanged.theirs,
      },
      ratios: {
        coldWall: ours.wall / theirs.wall,
        coldCpu: ours.cpu / theirs.cpu,
        unchangedWall: unchanged.ours / unchanged.theirs,
      },
    };
  } finally {
    await Promise.all([source.stop(), target.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}
