import type { Run } from '@imglife/backstage-plugin-imglife-common';

/** Whether a run is still to come to its end. */
export function isOpen(run: Pick<Run, 'state'>): boolean {
  return run.state === 'queued' || run.state === 'running';
}
