import { pushImage, TestRegistry } from '@imglife/test-registry';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RealBackend, type RealRun } from './RealBackend';

const RUNS = '/api/imglife/v1/runs';
const BUILT_MS = 120_000;
const FILES = 20;

/** What a reconcile with nothing to do has cost. */
export interface ReconcileTrialResult {
  /** from the start of the run to its end, as recorded */
  seconds: number;
  /** that reached the registry while it went on */
  requests: number;
  /** how the run ended, such as `succeeded` */
  state: string;
  /** bases that the run looked at and left as they are */
  unchanged: number;
}

async function writeContext(folder: string): Promise<string> {
  const context = path.join(folder, 'context');
  await mkdir(context);
  for (let at = 0; at < FILES; at += 1) {
    await writeFile(path.join(context, `file-${at}`), `content ${at}\n`);
  }
  return context;
}

function configOf(host: string, context: string, bases: number): object {
  return {
    registries: [{ host, insecure: true }],
    tiers: { mirrors: `${host}/mirrors`, bases: `${host}/bases` },
    mirrors: {
      entries: [
        { source: `${host}/library/alpine`, tags: { names: ['3.21.3'] } },
      ],
    },
    bases: {
      concurrency: 8,
      floatingTags: ['latest'],
      entries: Array.from({ length: bases }, (_, at) => ({
        name: `base-${at}`,
        from: { mirror: 'alpine', track: 'all' },
        context,
        template: 'FROM {{ mirror.reference }}\nCOPY . /etc/files/\n',
      })),
    },
  };
}

async function untilQuiet(backend: RealBackend): Promise<void> {
  await backend.waitFor('no open run', BUILT_MS, async () => {
    const open = await Promise.all(
      ['queued', 'running'].map(state =>
        backend.get<{ items: RealRun[] }>(`${RUNS}?state=${state}`),
      ),
    );
    return open.every(({ items }) => items.length === 0);
  });
}

/**
 * Builds so many bases with a backend on SQLite, then reconciles all of them
 * again when there is nothing to do.
 *
 * @param options - `folder`: an empty one
 */
export async function runReconcileTrial(options: {
  folder: string;
  bases: number;
}): Promise<ReconcileTrialResult> {
  const { folder, bases } = options;
  const registry = await TestRegistry.start();
  let backend: RealBackend | undefined;
  try {
    await pushImage(registry.host, {
      repository: 'library/alpine',
      tag: '3.21.3',
      platforms: ['linux/amd64'],
    });
    const context = await writeContext(folder);
    const connection = { directory: path.join(folder, 'database') };
    backend = await RealBackend.start({
      folder,
      alone: true,
      databases: { config: { client: 'better-sqlite3', connection } },
      imglife: configOf(registry.host, context, bases),
    });
    await backend.run('sync');
    const built = await backend.run('build');
    if (built.state !== 'succeeded') {
      throw new Error(`the builds ended ${built.state}: ${built.error}`);
    }
    // the runs that the schedule has queued for each base
    await untilQuiet(backend);
    registry.clearRequests();
    const run = await backend.run('build');
    const { startedAt, finishedAt, state, items } = run;
    return {
      seconds: (Date.parse(finishedAt!) - Date.parse(startedAt!)) / 1000,
      requests: registry.requests.length,
      state,
      unchanged: items.filter(each => each.state === 'skipped').length,
    };
  } finally {
    await backend?.stop();
    await registry.stop();
  }
}
