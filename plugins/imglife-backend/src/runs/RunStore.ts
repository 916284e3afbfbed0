import type {
  Page,
  Run,
  RunItem,
  RunKind,
  RunQuery,
  RunState,
  RunTrigger,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type { StartRequest } from './RunService';

/** A run to be recorded. */
export interface NewRun extends Required<Omit<StartRequest, 'target'>> {
  id: string;
  target?: string;
  trigger: RunTrigger;
  /** who started it, such as `user:default/guest` or `external:demo-ci` */
  actor: string;
  /** ISO 8601 UTC */
  createdAt: string;
}

/** What a worker needs of a run it takes up. */
export interface StartedRun {
  id: string;
  kind: RunKind;
  target?: string;
  dryRun: boolean;
  force: boolean;
  actor: string;
  /** 1 for the first; every write of a worker carries it */
  attempt: number;
}

/** What a worker writes in one batch; the newest item of a reference wins. */
export interface RunChanges {
  items: RunItem[];
  lines: Array<{ at: string; text: string }>;
  done: number;
  total: number;
  bytes: number;
}

/** A line of a run's log, `id` ascending. */
export interface RunLogLine {
  id: number;
  at: string;
  text: string;
}

/** The record of runs. It is never the lock: that is the queue's work. */
export interface RunStore {
  /**
   * Records a run and calls `enqueue` in the same transaction. Where `enqueue`
   * answers false (such a run is waiting already) nothing is recorded.
   */
  create(
    run: NewRun,
    enqueue: (trx: Knex.Transaction) => Promise<boolean>,
  ): Promise<boolean>;
  /**
   * The id of the waiting run that stands for that one: same kind, target and
   * `dryRun`. A forced one stands for both; where `run` is forced and the
   * waiting one is not, the waiting one becomes forced, and its log says by whom.
   */
  joinQueued(run: NewRun): Promise<string | undefined>;
  get(id: string): Promise<Run | undefined>;
  /** Newest first, without items. */
  list(query: RunQuery): Promise<Page<Run>>;
  /** Takes a run up; undefined when it has ended or does not exist. */
  begin(id: string, at: string): Promise<StartedRun | undefined>;
  /** False when another attempt has taken the run over: stop at once. */
  save(id: string, attempt: number, changes: RunChanges): Promise<boolean>;
  /** False when another attempt has taken the run over. */
  finish(
    id: string,
    attempt: number,
    end: { state: RunState; at: string; error?: string },
  ): Promise<boolean>;
  /** Gives a run back to the queue, for the next worker. */
  release(id: string, attempt: number): Promise<void>;
  /**
   * Ends a waiting run, or asks a running one to stop. `dequeue` is called in
   * the same transaction when the run was waiting.
   */
  requestCancel(
    id: string,
    at: string,
    dequeue: (kind: RunKind, trx: Knex.Transaction) => Promise<void>,
  ): Promise<RunState | undefined>;
  isCancelRequested(id: string): Promise<boolean>;
  /** Ids of runs that have not ended and were made before that instant. */
  listOpen(
    createdBefore: string,
  ): Promise<Array<{ id: string; kind: RunKind }>>;
  /** Ends runs whose job is gone from the queue; answers those it ended. */
  abandon(ids: string[], at: string, error: string): Promise<StartedRun[]>;
  readLog(id: string, afterId: number, limit: number): Promise<RunLogLine[]>;
  /** Newest end of a succeeded, not dry run per kind. */
  lastFinished(): Promise<Partial<Record<RunKind, string>>>;
}
