import type { Run } from '@imglife/backstage-plugin-imglife-common';
import { sizeText } from './sizeText';

const WIDTH = 24;
const STEPS = 10;

/** `sync running [######------------------] 10/40 1.2 GB`, for a terminal. */
export function progressBar(run: Run): string {
  const filled = Math.round(share(run) * WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(WIDTH - filled);
  return `${run.kind} ${run.state} [${bar}] ${counts(run)}`;
}

/**
 * `sync running 10/40 1.2 GB`, for the log of a pipeline.
 *
 * @returns `step` changes where a new line is worth it: with the state and
 *   with every tenth
 */
export function progressLine(run: Run): { line: string; step: string } {
  return {
    line: `${run.kind} ${run.state} ${counts(run)}`,
    step: `${run.state} ${Math.floor(share(run) * STEPS)}`,
  };
}

function share({ progress: { done, total } }: Run): number {
  return total > 0 ? Math.min(done / total, 1) : 0;
}

function counts({ progress: { done, total, bytes } }: Run): string {
  return `${done}/${total}${bytes > 0 ? ` ${sizeText(bytes)}` : ''}`;
}
