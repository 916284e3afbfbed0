import type { Run } from '@imglife/backstage-plugin-imglife-common';

const WIDTH = 24;
const STEPS = 10;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

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

function sizeText(bytes: number): string {
  const unit = Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** unit;
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${
    UNITS[unit]
  }`;
}
