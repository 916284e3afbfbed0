import { DebianRegistry, runCopies, type CopyCost } from '@imglife/test-real';
import { makeImage, RegistryHttp } from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchResult } from './Bench';
import { benchUnchanged } from './benchUnchanged';
import { median } from './median';
import { timed } from './timed';

const ROUNDS = 5;
const MIB = 1024 * 1024;
/** Nobody reads what it would say of each request. */
const QUIET = { log: { level: 'error', accesslog: { disabled: true } } };

interface Setting {
  folder: string;
  from: string;
  to: string;
}

/** Pushes an image of random layers of these sizes, in bytes, as tag `1`. */
async function push(
  host: string,
  repository: string,
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
  await http.putManifest(repository, '1', image);
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
    [100, 100, 100].map(n => n * MIB),
  );
  const images = ['large:1'];
  for (let at = 0; at < 40; at += 1) {
    const layers = Array.from({ length: 5 }, (_, n) => 64 * 1024 + n);
    await push(setting.from, `small/${at}`, layers);
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
 * same run. Our copies are the client's work in a process of its own, our
 * comparisons whole runs of a portal; their start is not in it, that of skopeo is.
 */
export async function benchSync(
  log: (line: string) => void,
): Promise<BenchResult> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-bench-'));
  // PostgreSQL runs as a user of its own when we are root
  await chmod(folder, 0o755);
  const [source, target] = await Promise.all(
    ['from', 'to'].map(name =>
      DebianRegistry.start(path.join(folder, name), { config: QUIET }),
    ),
  );
  const setting = { folder, from: source.host, to: target.host };
  try {
    await push(source.host, 'tiny', [1_000]);
    await push(source.host, 'ten', [10 * MIB]);
    const cold = await benchCold(setting, log);
    await push(source.host, 'thousand', [1024 * MIB]);
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
    const unchanged = await benchUnchanged({ ...setting, log });
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
        smallestUnchangedSeconds: unchanged.oursSmallest,
        skopeoSmallestUnchangedSeconds: unchanged.theirsSmallest,
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
