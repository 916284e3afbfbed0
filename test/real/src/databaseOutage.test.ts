import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnPostgres } from './OwnPostgres';
import { OneImageRegistry } from './OneImageRegistry';
import { CI_TOKEN, RealBackend } from './RealBackend';
import { mustRun } from './runProgram';
import { repository } from './sources';

jest.setTimeout(900_000);

const PROCESSES = 8;
// fewer, for a quick look
const REGISTRATIONS = Number(process.env.OUTAGE_REGISTRATIONS ?? 2_000);
const script = path.join(repository, 'test/real/src/registerMany.cjs');

let folder: string;
let postgres: OwnPostgres;
let backend: RealBackend;
let registry: OneImageRegistry;
let bundle: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-outage-'));
  // PostgreSQL runs as a user of its own when we are root
  await chmod(folder, 0o755);
  postgres = await OwnPostgres.start(path.join(folder, 'postgres'));
  bundle = path.join(folder, 'imglife.cjs');
  await mustRun(process.execPath, [
    path.join(repository, 'packages/cli/build.mjs'),
    bundle,
  ]);
  registry = await OneImageRegistry.start();
  const { host } = registry;
  backend = await RealBackend.start({
    folder,
    alone: true,
    databases: { config: postgres.config },
    imglife: {
      registries: [{ host, insecure: true }],
      tiers: {
        mirrors: `${host}/mirrors`,
        bases: `${host}/bases`,
        applications: [`${host}/apps`],
      },
      applications: { scan: { schedule: { frequency: { days: 30 } } } },
    },
  });
});

afterAll(async () => {
  await backend?.stop();
  await postgres?.stop();
  await registry?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A process of the command line that registers every eighth image. */
function startRegistering(
  first: number,
  onDone: () => void,
): Promise<{ code: number | null; stderr: string }> {
  const { PATH, HOME } = process.env;
  const child = spawn(
    process.execPath,
    [script, bundle, first, PROCESSES, REGISTRATIONS].map(String),
    {
      env: {
        ...{ PATH, HOME, HOST: registry.host, DIGEST: registry.digest },
        ...{ IMGLIFE_URL: backend.url, IMGLIFE_TOKEN: CI_TOKEN },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  createInterface(child.stdout).on('line', onDone);
  let stderr = '';
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve({ code, stderr }));
  });
}

it('loses and doubles no registration while PostgreSQL is killed and stopped', async () => {
  let done = 0;
  const processes = Promise.all(
    Array.from({ length: PROCESSES }, (_, first) =>
      startRegistering(first, () => {
        done += 1;
      }),
    ),
  );
  let ended = false;
  void processes.finally(() => {
    ended = true;
  });
  const ask = () => backend.ask('GET', '/api/imglife/v1/applications');
  for (const [part, end] of [
    [1 / 4, () => postgres.kill()],
    [2 / 4, () => postgres.stop()],
  ] as const) {
    while (done < REGISTRATIONS * part && !ended) {
      await sleep(20);
    }
    await end();
    const down = await ask();
    expect(down.status).toBe(503);
    expect(await down.text()).toContain('the database cannot be reached');
    await sleep(1_000);
    await postgres.startAgain();
  }
  expect(await processes).toEqual(
    Array(PROCESSES).fill({ code: 0, stderr: '' }),
  );
  expect((await ask()).status).toBe(200);

  expect(
    await postgres.query(
      `select count(*)::int as rows, count(distinct repository)::int as images,
         count(*) filter (where state = 'current')::int as current from application`,
    ),
  ).toEqual([
    { rows: REGISTRATIONS, images: REGISTRATIONS, current: REGISTRATIONS },
  ]);
  // one history row of each, and what it says is what was posted
  expect(
    await postgres.query(
      `select count(*)::int as rows, count(distinct repository)::int as images,
         count(*) filter (where facts::json->>'revision' = revision
           and right(repository, length(revision) + 1) = '-' || revision
           and registration.facts_hash = application.facts_hash)::int as equal
       from registration join application using (repository, tag)`,
    ),
  ).toEqual([
    { rows: REGISTRATIONS, images: REGISTRATIONS, equal: REGISTRATIONS },
  ]);
  // the queue has recovered too, without a restart
  const run = await backend.ask('POST', '/api/imglife/v1/runs', {
    body: { kind: 'lifecycle', dryRun: true },
  });
  const { id } = (await run.json()) as { id: string };
  expect(await backend.endOfRun(id)).toMatchObject({ state: 'succeeded' });
});
