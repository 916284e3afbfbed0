import { chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnPostgres } from './OwnPostgres';
import { CI_TOKEN, RealBackend } from './RealBackend';
import { freePort } from './freePort';
import { mustRun, runProgram } from './runProgram';
import { repository } from './sources';

jest.setTimeout(600_000);

const PROCESSES = 8;
// each is a process of its own: 2,000 take minutes
const REGISTRATIONS = Number(process.env.OUTAGE_REGISTRATIONS ?? 160);

let folder: string;
let postgres: OwnPostgres;
let backend: RealBackend;
let host: string;
let cli: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-outage-'));
  // PostgreSQL runs as a user of its own when we are root
  await chmod(folder, 0o755);
  postgres = await OwnPostgres.start(path.join(folder, 'postgres'));
  const packageFolder = path.join(repository, 'packages/cli');
  cli = path.join(folder, 'bin/imglife');
  await cp(path.join(packageFolder, 'bin'), path.dirname(cli), {
    recursive: true,
  });
  await mustRun(process.execPath, [
    path.join(packageFolder, 'build.mjs'),
    path.join(folder, 'dist/imglife.cjs'),
  ]);
  // Nobody listens there: what names digest and base is stored as posted
  host = `127.0.0.1:${await freePort()}`;
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
  await rm(folder, { recursive: true, force: true });
});

function digestOf(number: number): string {
  return `sha256:${String(number).padStart(64, '0')}`;
}

/** One process of the command line; again as a pipeline would, when it failed. */
async function register(number: number): Promise<number> {
  const { PATH, HOME } = process.env;
  for (let tries = 1; ; tries += 1) {
    const { code, stderr } = await runProgram(
      process.execPath,
      [
        ...[cli, 'register', '--image', `${host}/apps/app-${number}:1.0`],
        ...[
          '--digest',
          digestOf(number),
          '--base',
          `${host}/bases/alpine:3.21`,
        ],
        ...['--built-at', '2026-10-01T00:00:00Z'],
      ],
      {
        env: { PATH, HOME, IMGLIFE_URL: backend.url, IMGLIFE_TOKEN: CI_TOKEN },
      },
    );
    if (code === 0) {
      return tries;
    }
    if (code !== 3 || tries === 5) {
      throw new Error(`registration ${number} ended with ${code}: ${stderr}`);
    }
  }
}

it('loses and doubles no registration while PostgreSQL is killed and stopped', async () => {
  let next = 0;
  let done = 0;
  const worker = async () => {
    while (next < REGISTRATIONS) {
      const number = next;
      next += 1;
      await register(number);
      done += 1;
    }
  };
  const workers = Promise.all(Array.from({ length: PROCESSES }, worker));
  const ask = () => backend.ask('GET', '/api/imglife/v1/applications');
  for (const [part, end] of [
    [1 / 4, () => postgres.kill()],
    [2 / 4, () => postgres.stop()],
  ] as const) {
    while (done < REGISTRATIONS * part) {
      await sleep(20);
    }
    await end();
    const down = await ask();
    expect(down.status).toBe(503);
    expect(await down.text()).toContain('the database cannot be reached');
    await sleep(1_000);
    await postgres.startAgain();
  }
  await workers;
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
         count(*) filter (where facts::json->>'digest' = application.digest
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
