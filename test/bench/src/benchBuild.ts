import { EmbeddedBuilder } from '@imglife/backstage-plugin-imglife-backend';
import { RegistryClient } from '@imglife/oci';
import { Buildah, DebianRegistry, runReconcileTrial } from '@imglife/test-real';
import { pushImage } from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchResult } from './Bench';
import { median } from './median';

const ROUNDS = 5;
/** That a reconcile looks at when there is nothing to do. */
const BASES = 200;
const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
// About what an Alpine mirror has.
const LAYER_BYTES = 4 * 1024 * 1024;
const CONTENT = Buffer.from('server = example\n'.repeat(64));

function dockerfileOf(from: string): string {
  return `FROM ${from}\nLABEL team=platform tier=base\nCOPY app.conf /etc/app.conf\n`;
}

async function pushMirror(host: string): Promise<string> {
  const repository = 'mirrors/alpine';
  const { digest } = await pushImage(host, {
    repository,
    tag: '3.21.3',
    platforms: PLATFORMS,
    layers: platform => [
      { 'etc/release': platform, 'usr/lib/library': randomBytes(LAYER_BYTES) },
    ],
  });
  return `${host}/${repository}:3.21.3@${digest}`;
}

/** As the portal does it: its process runs already, its connections do not. */
async function buildOurs(
  host: string,
  from: string,
  repository: string,
): Promise<void> {
  const client = RegistryClient.create({ host, insecure: true });
  const builder = EmbeddedBuilder.create({
    registries: { clientFor: () => client },
  });
  const { digest } = await builder.build(
    {
      dockerfile: dockerfileOf(from),
      files: [
        {
          type: 'file',
          path: 'app.conf',
          mode: 0o644,
          size: CONTENT.length,
          read: async () => CONTENT,
        },
      ],
      args: {},
      secrets: [],
      platforms: PLATFORMS,
      labels: {},
      annotations: {},
      created: new Date('2026-01-01T00:00:00Z'),
      from,
      target: { repository: `${host}/${repository}`, tag: '1.0' },
      registry: () => undefined,
    },
    { log: () => {}, signal: new AbortController().signal },
  );
  const { bytes, descriptor } = await client.getManifest(repository, digest);
  await client.putManifest(repository, '1.0', bytes, descriptor.mediaType);
  await client.close();
}

/** Nothing of a build helps the next one. */
async function buildTheirs(
  host: string,
  from: string,
  repository: string,
  folder: string,
): Promise<void> {
  const buildah = await Buildah.create(path.join(folder, repository));
  await buildah.push({
    reference: `${host}/${repository}:1.0`,
    dockerfile: dockerfileOf(from),
    platforms: PLATFORMS,
    files: { 'app.conf': CONTENT },
  });
}

async function reconcile(folder: string) {
  const own = path.join(folder, 'reconcile');
  await mkdir(own);
  return runReconcileTrial({ folder: own, bases: BASES });
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/**
 * A base that copies a file and sets labels, on a mirror of three platforms:
 * the embedded builder against buildah's pull, build and push, in turn. Then
 * what it costs to find that nothing is to be done.
 */
export async function benchBuild(
  log: (line: string) => void,
): Promise<BenchResult> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-bench-'));
  const registry = await DebianRegistry.start(path.join(folder, 'registry'));
  const { host } = registry;
  try {
    const from = await pushMirror(host);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      ours.push(
        await seconds(() => buildOurs(host, from, `ours/base-${round}`)),
      );
      theirs.push(
        await seconds(() =>
          buildTheirs(host, from, `theirs/base-${round}`, folder),
        ),
      );
      log(
        `round ${round}: embedded ${ours.at(-1)?.toFixed(3)} s, buildah ${theirs
          .at(-1)
          ?.toFixed(3)} s`,
      );
    }
    const { seconds: reconcileSeconds, requests } = await reconcile(folder);
    log(`${BASES} bases with nothing to do: ${reconcileSeconds} s`);
    const figures = {
      embeddedSeconds: median(ours),
      buildahSeconds: median(theirs),
      reconcileSeconds,
    };
    const wall = figures.embeddedSeconds / figures.buildahSeconds;
    const requestsPerBase = requests / BASES;
    return { figures, ratios: { wall, requestsPerBase } };
  } finally {
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
