import { runKillTrial, seededRandom } from '@imglife/test-real';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchResult } from './Bench';

const KILLS = 30;
/** A run that broke off more often is given up, and its next try waits. */
const KILLS_OF_A_RUN = 10;
const TAGS = 200;

/**
 * `kill -9` at random moments of a sync, again and again, while a reader
 * pulls; the tests do it five times.
 *
 * @throws Error - a pull was broken, or the mirror is not what upstream has
 */
export async function benchKills(
  log: (line: string) => void,
): Promise<BenchResult> {
  let kills = 0;
  let pulls = 0;
  for (let trial = 1; kills < KILLS; trial += 1) {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-kills-'));
    try {
      const result = await runKillTrial({
        folder,
        kills: Math.min(KILLS_OF_A_RUN, KILLS - kills),
        tags: TAGS,
        random: seededRandom(trial),
      });
      const { broken, different, current } = result;
      if (broken.length || different.length || current !== TAGS) {
        throw new Error(JSON.stringify({ trial, ...result }));
      }
      kills += result.kills;
      pulls += result.pulls;
      log(`trial ${trial}: ${kills} kills, ${pulls} whole pulls, none broken`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { figures: { kills, pulls, brokenPulls: 0 }, ratios: {} };
}
