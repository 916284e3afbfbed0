import { OwnPostgres } from '@imglife/test-real';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ScalePortal } from './ScalePortal';
import { ScaleRegistry } from './ScaleRegistry';

const FEW = 1_000;
const MANY = 1_000_000;

/** Two portals on one PostgreSQL that differ in their size only. */
export interface ScalePortals {
  few: ScalePortal;
  many: ScalePortal;
  registry: ScaleRegistry;
}

/**
 * Starts them, lets them be measured and clears everything away. The
 * environment variable `BENCH_APPLICATIONS` makes the large one smaller.
 *
 * @param registrations - kept of each application
 */
export async function withScalePortals<T>(
  registrations: number,
  log: (line: string) => void,
  measure: (portals: ScalePortals) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-scale-'));
  // PostgreSQL runs as a user of its own when we are root
  await chmod(folder, 0o755);
  const ends: Array<() => Promise<unknown>> = [
    () => rm(folder, { recursive: true, force: true }),
  ];
  try {
    const registry = await ScaleRegistry.start();
    ends.unshift(() => registry.stop());
    const postgres = await OwnPostgres.start(path.join(folder, 'postgres'), [
      'shared_buffers=1GB',
      'max_wal_size=8GB',
      'wal_level=minimal',
      'max_wal_senders=0',
    ]);
    ends.unshift(() => postgres.stop());
    const start = async (applications: number) => {
      const { host } = registry;
      const portal = await ScalePortal.start({
        ...{ folder, postgres, host, applications, registrations, log },
      });
      ends.unshift(() => portal.stop());
      return portal;
    };
    const many = await start(Number(process.env.BENCH_APPLICATIONS ?? MANY));
    const few = await start(FEW);
    return await measure({ few, many, registry });
  } finally {
    for (const end of ends) {
      await end();
    }
  }
}

/**
 * Asks both in turn, so that what else the machine does meets both.
 *
 * @param ask - one request; its milliseconds
 */
export async function inTurn(
  { few, many }: ScalePortals,
  rounds: number,
  ask: (portal: ScalePortal, round: number) => Promise<number>,
): Promise<{ few: number[]; many: number[] }> {
  const measured = { few: [] as number[], many: [] as number[] };
  const warmUp = Math.ceil(rounds / 10);
  for (let round = -warmUp; round < rounds; round += 1) {
    const first = await ask(few, round);
    const second = await ask(many, round);
    if (round >= 0) {
      measured.few.push(first);
      measured.many.push(second);
    }
  }
  return measured;
}
