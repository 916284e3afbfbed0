import type { RunKind } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';

/** One run, waiting to be worked on. */
export interface QueuedRun {
  /** id of the run, and of its job */
  id: string;
  kind: RunKind;
  /** at most one waits and one runs per kind and key */
  key: string;
  /** after this the queue gives the run to another worker, in milliseconds */
  expireMs: number;
}

/**
 * Works on one run. It returns when the run has ended, well or not, and throws
 * when another worker is to take it up (shutdown).
 */
export type RunWorker = (id: string, signal: AbortSignal) => Promise<void>;

/** Who works on what, and when: the lock of runs. */
export interface RunQueue {
  /** Starts to hand out runs, `concurrency` of a kind at once. */
  start(worker: RunWorker, concurrency: Record<RunKind, number>): Promise<void>;
  /**
   * Adds a run as part of a transaction.
   *
   * @returns false when one of the same kind and key is waiting already
   */
  send(run: QueuedRun, trx: Knex.Transaction): Promise<boolean>;
  /** Told after the commit of `send`: there may be work now. */
  wake(kind: RunKind): void;
  /** Takes a waiting run out; a running one is stopped by its worker. */
  remove(kind: RunKind, id: string, trx: Knex.Transaction): Promise<void>;
  /** Those of the runs that the queue does not know as waiting or running. */
  findLost(runs: Array<{ id: string; kind: RunKind }>): Promise<string[]>;
  /** Stops handing out, aborts what runs, and waits for it. */
  stop(): Promise<void>;
}

/**
 * The key of a run: a dry run does not stand for a real one. A forced run has
 * the key of an unforced one, so that the two never run at once.
 */
export function queueKey(run: { target?: string; dryRun: boolean }): string {
  return JSON.stringify([run.target ?? null, run.dryRun]);
}
