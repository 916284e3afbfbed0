import type { RunKind } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type { RunTable } from '../database/tables';
import { setTimeout as sleep } from 'node:timers/promises';
import { queueKey, QueuedRun, RunQueue, RunWorker } from './RunQueue';

// How long stop waits for work that was told to stop.
const STOP_MS = 10_000;

/**
 * {@link RunQueue} of one process, for SQLite. What waits is read from the run
 * table, so that a restart takes up what a killed process left.
 */
export class InProcessRunQueue implements RunQueue {
  readonly #knex: Knex;
  readonly #onError: (error: unknown) => void;
  readonly #waiting = new Map<string, QueuedRun>();
  readonly #running = new Map<
    string,
    { run: QueuedRun; abort: AbortController; done: Promise<void> }
  >();
  #worker?: RunWorker;
  #concurrency?: Record<RunKind, number>;
  #stopped = false;

  /**
   * @param options - `onError` hears what a worker throws
   */
  static create(options: {
    knex: Knex;
    onError: (error: unknown) => void;
  }): InProcessRunQueue {
    return new InProcessRunQueue(options.knex, options.onError);
  }

  private constructor(knex: Knex, onError: (error: unknown) => void) {
    this.#knex = knex;
    this.#onError = onError;
  }

  async start(
    worker: RunWorker,
    concurrency: Record<RunKind, number>,
  ): Promise<void> {
    for (const run of await this.#leftByFormerProcess()) {
      this.#waiting.set(run.id, run);
    }
    this.#worker = worker;
    this.#concurrency = concurrency;
    this.#handOut();
  }

  async send(run: QueuedRun, trx: Knex.Transaction): Promise<boolean> {
    for (const other of this.#waiting.values()) {
      if (other.kind === run.kind && other.key === run.key) {
        return false;
      }
    }
    this.#waiting.set(run.id, run);
    trx.executionPromise.catch(() => this.#waiting.delete(run.id));
    return true;
  }

  wake(): void {
    this.#handOut();
  }

  async remove(kind: RunKind, id: string): Promise<void> {
    if (this.#waiting.get(id)?.kind === kind) {
      this.#waiting.delete(id);
    }
  }

  async findLost(runs: Array<{ id: string }>): Promise<string[]> {
    // Before the start and after the stop, what is open waits for a process.
    if (!this.#worker || this.#stopped) {
      return [];
    }
    return runs
      .map(run => run.id)
      .filter(id => !this.#waiting.has(id) && !this.#running.has(id));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const running = [...this.#running.values()];
    for (const { abort } of running) {
      abort.abort(new Error('this process is shutting down'));
    }
    const timer = new AbortController();
    await Promise.race([
      Promise.all(running.map(({ done }) => done)),
      sleep(STOP_MS, undefined, { signal: timer.signal }).catch(() => {}),
    ]);
    timer.abort();
  }

  async #leftByFormerProcess(): Promise<QueuedRun[]> {
    const rows = await this.#knex<RunTable>('run')
      .whereIn('state', ['queued', 'running'])
      .orderBy('created_at');
    return rows.map(row => ({
      id: row.id,
      kind: row.kind as RunKind,
      key: queueKey({
        target: row.target ?? undefined,
        dryRun: Boolean(row.dry_run),
      }),
      expireMs: 0,
    }));
  }

  #handOut(): void {
    for (const run of this.#waiting.values()) {
      if (this.#worker && !this.#stopped && this.#mayRun(run)) {
        this.#waiting.delete(run.id);
        this.#run(run, this.#worker);
      }
    }
  }

  #mayRun(run: QueuedRun): boolean {
    const running = [...this.#running.values()].filter(
      other => other.run.kind === run.kind,
    );
    return (
      running.length < (this.#concurrency?.[run.kind] ?? 1) &&
      !running.some(other => other.run.key === run.key)
    );
  }

  #run(run: QueuedRun, worker: RunWorker): void {
    const abort = new AbortController();
    const done = worker(run.id, abort.signal)
      .catch(this.#onError)
      .finally(() => {
        this.#running.delete(run.id);
        this.#handOut();
      });
    this.#running.set(run.id, { run, abort, done });
  }
}
