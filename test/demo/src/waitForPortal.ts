import type {
  BaseRow,
  MirrorRow,
  Page,
  Run,
} from '@imglife/backstage-plugin-imglife-common';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 1_000;
const START_MS = 120_000;
const TIERS_MS = 300_000;

/** Waits until the portal answers. */
export async function waitForPortal(portalUrl: string): Promise<void> {
  await until(START_MS, 'the portal to start', async () => {
    const response = await fetch(`${portalUrl}/api/imglife/health`);
    return response.ok;
  });
}

/**
 * Waits until mirrors and bases have settled: nothing is waiting or running,
 * every base follows its mirror as it is now.
 */
export async function waitForTiers(
  portalUrl: string,
  token: string,
  say: (line: string) => void,
): Promise<void> {
  const get = async <T>(path: string): Promise<T[]> => {
    const response = await fetch(`${portalUrl}/api/imglife/v1/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const page = (await response.json()) as Page<T>;
    return page.items;
  };
  await until(TIERS_MS, 'mirrors and bases', async () => {
    const runs = await get<Run>('runs?limit=500');
    const open = runs.filter(run => ['queued', 'running'].includes(run.state));
    const mirrors = await get<MirrorRow>('mirrors?limit=500');
    return open.length === 0 && mirrors.length > 0 && settled(runs, mirrors);
  });
  const mirrors = await get<MirrorRow>('mirrors?limit=500');
  const bases = await get<BaseRow>('bases?limit=500&all=true');
  say(`${mirrors.length} mirrored tags, ${bases.length} bases`);
}

// In the demo a base has the name of the mirror that it follows.
function settled(runs: Run[], mirrors: MirrorRow[]): boolean {
  const built = new Map<string, string>();
  for (const run of runs) {
    if (run.kind === 'build' && run.target) {
      const newest = built.get(run.target) ?? '';
      built.set(run.target, run.createdAt > newest ? run.createdAt : newest);
    }
  }
  return mirrors.every(({ repository, pulledAt }) => {
    const at = built.get(repository.slice(repository.lastIndexOf('/') + 1));
    return at === undefined || pulledAt === null || pulledAt < at;
  });
}

async function until(
  limitMs: number,
  what: string,
  isDone: () => Promise<boolean>,
): Promise<void> {
  const end = Date.now() + limitMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      if (await isDone()) {
        return;
      }
    } catch (error) {
      last = error;
    }
    await sleep(POLL_MS);
  }
  throw new Error(
    `waited ${limitMs / 1000} s for ${what}${last ? `: ${last}` : ''}`,
  );
}
