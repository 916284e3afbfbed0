import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * Asks again and again until there is an answer other than undefined or false.
 *
 * @param giveUp - asked before each round; what it throws ends the waiting
 * @throws Error naming what was waited for, with the last error of `ask`
 */
export async function waitFor<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | undefined | false>,
  giveUp?: () => void,
): Promise<T> {
  const end = Date.now() + limitMs;
  let last: unknown;
  for (;;) {
    giveUp?.();
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) {
        return answer;
      }
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(
        `waited ${limitMs / 1000} s for ${what}${last ? `: ${last}` : ''}`,
      );
    }
    await sleep(POLL_MS);
  }
}
