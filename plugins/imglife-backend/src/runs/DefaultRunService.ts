import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  NotFoundError,
  stringifyError,
} from '@backstage/errors';
import type {
  Page,
  Run,
  RunKind,
  RunQuery,
  RunState,
  RunTrigger,
} from '@imglife/backstage-plugin-imglife-common';
import type { RunHandler } from './RunContext';
import { queueKey, RunQueue } from './RunQueue';
import { RunRecorder } from './RunRecorder';
import type { RunService, StartRequest } from './RunService';
import type { NewRun, RunLogLine, RunStore, StartedRun } from './RunStore';

const LOG_PAGE = 1_000;
// The queue's own limit is a safety net behind ours.
const EXPIRE_MARGIN_MS = 60_000;
// A run is recorded before its job is seen by a query of another connection.
const LOST_AFTER_MS = 60_000;
// A run that kills every process that takes it up must end at some time.
const MAX_ATTEMPTS = 10;
// A waiting run may begin between two statements; more often than this is a fault.
const START_TRIES = 5;

/** Told how a run ended, so that due work can be reckoned. */
export type RunEndListener = (
  run: StartedRun,
  end: { state: RunState; at: string },
) => Promise<void>;

/** Options of {@link DefaultRunService.create}. */
export interface DefaultRunServiceOptions {
  store: RunStore;
  queue: RunQueue;
  handlers: RunHandler[];
  /** time limit of one run per kind, in milliseconds */
  timeoutsMs: Record<RunKind, number>;
  /** the names a run of that kind may have as target; `any`: whoever starts it knows */
  targets: Record<RunKind, string[] | 'any'>;
  onEnd: RunEndListener;
  newId: () => string;
  now: () => Date;
  logger: LoggerService;
}

/** {@link RunService} over a {@link RunStore} and a {@link RunQueue}. */
export class DefaultRunService implements RunService {
  readonly #options: DefaultRunServiceOptions;
  readonly #handlers: Map<RunKind, RunHandler>;

  static create(options: DefaultRunServiceOptions): DefaultRunService {
    return new DefaultRunService(options);
  }

  private constructor(options: DefaultRunServiceOptions) {
    this.#options = options;
    this.#handlers = new Map(
      options.handlers.map(handler => [handler.kind, handler]),
    );
  }

  /** Starts to work on what is queued, that many runs of a kind at once. */
  async startWorkers(concurrency: Record<RunKind, number>): Promise<void> {
    await this.#options.queue.start(
      (id, signal) => this.#execute(id, signal),
      concurrency,
    );
  }

  /** Stops the workers; what runs is given back to the queue. */
  async stopWorkers(): Promise<void> {
    await this.#options.queue.stop();
  }

  async start(
    request: StartRequest,
    by: { trigger: RunTrigger; actor: string },
  ): Promise<{ id: string }> {
    const { kind, target, dryRun = false, force = false } = request;
    this.#checkTarget(kind, target);
    const { store, now, newId } = this.#options;
    const run: NewRun = {
      id: newId(),
      kind,
      target,
      dryRun,
      force,
      ...by,
      createdAt: now().toISOString(),
    };
    for (let tries = 0; tries < START_TRIES; tries += 1) {
      const waiting = await store.joinQueued(run);
      if (waiting) {
        return { id: waiting };
      }
      if (await this.#enqueue(run)) {
        return { id: run.id };
      }
    }
    throw new ConflictError(
      `run ${kind} ${
        target ?? 'of all'
      }: one is in the queue but not in the record; try again in a minute`,
    );
  }

  async get(id: string): Promise<Run> {
    const run = await this.#options.store.get(id);
    if (!run) {
      throw new NotFoundError(`run ${id} does not exist`);
    }
    return run;
  }

  async list(query: RunQuery): Promise<Page<Run>> {
    return this.#options.store.list(query);
  }

  async cancel(id: string): Promise<RunState> {
    const { store, queue, now } = this.#options;
    const state = await store.requestCancel(
      id,
      now().toISOString(),
      (kind, trx) => queue.remove(kind, id, trx),
    );
    if (!state) {
      throw new NotFoundError(`run ${id} does not exist`);
    }
    return state;
  }

  async readLog(id: string, afterId: number): Promise<RunLogLine[]> {
    return this.#options.store.readLog(id, afterId, LOG_PAGE);
  }

  /** Ends the runs whose jobs are gone, such as after a restored database. */
  async reconcile(): Promise<void> {
    const { store, queue, now, onEnd, logger } = this.#options;
    const before = new Date(now().getTime() - LOST_AFTER_MS).toISOString();
    const open = await store.listOpen(before);
    const lost = open.length ? await queue.findLost(open) : [];
    if (!lost.length) {
      return;
    }
    const at = now().toISOString();
    const error = 'the run was lost: its job is no longer in the queue';
    for (const run of await store.abandon(lost, at, error)) {
      logger.warn(`Run ${run.id} of ${run.kind} was lost`);
      await onEnd(run, { state: 'failed', at });
    }
  }

  async #enqueue(run: NewRun): Promise<boolean> {
    const { store, queue, timeoutsMs } = this.#options;
    const created = await store.create(run, trx =>
      queue.send(
        {
          id: run.id,
          kind: run.kind,
          key: queueKey(run),
          expireMs: timeoutsMs[run.kind] + EXPIRE_MARGIN_MS,
        },
        trx,
      ),
    );
    if (created) {
      queue.wake(run.kind);
    }
    return created;
  }

  #checkTarget(kind: RunKind, target: string | undefined): void {
    const known = this.#options.targets[kind];
    if (known !== 'any' && target !== undefined && !known.includes(target)) {
      throw new InputError(
        known.length
          ? `target: ${kind} knows no ${JSON.stringify(
              target,
            )}; known are ${known.join(', ')}`
          : `target: ${kind} has none to choose from, leave it out`,
      );
    }
  }

  async #execute(id: string, signal: AbortSignal): Promise<void> {
    const { store, now, logger } = this.#options;
    const run = await store.begin(id, now().toISOString());
    if (!run) {
      return;
    }
    const recorder = RunRecorder.start({ store, run, now, logger });
    const error = await this.#work(run, recorder, signal);
    await recorder.stop();
    if (recorder.superseded) {
      return;
    }
    recorder.cancelled ||= await store.isCancelRequested(id);
    if (signal.aborted && !recorder.cancelled) {
      await store.release(id, run.attempt);
      throw new Error(`run ${id} was interrupted and is queued again`);
    }
    await this.#end(run, recorder, error);
  }

  /** @returns why the run as a whole failed */
  async #work(
    run: StartedRun,
    recorder: RunRecorder,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (run.attempt > MAX_ATTEMPTS) {
      return `given up: ${MAX_ATTEMPTS} attempts broke off before their end`;
    }
    const timeoutMs = this.#options.timeoutsMs[run.kind];
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const all = AbortSignal.any([signal, recorder.signal, timeout]);
      await this.#handlers.get(run.kind)!.run(recorder.context(all));
      return undefined;
    } catch (thrown) {
      const error = stringifyError(thrown);
      recorder.log(error);
      return timeout.aborted
        ? `stopped after the time limit of ${timeoutMs / 1000} s`
        : error;
    }
  }

  async #end(
    run: StartedRun,
    recorder: RunRecorder,
    error: string | undefined,
  ): Promise<void> {
    const failed = recorder.failures.length;
    const message =
      error ??
      (failed ? `${failed} image${failed > 1 ? 's' : ''} failed` : undefined);
    let state: RunState = message ? 'failed' : 'succeeded';
    if (recorder.cancelled) {
      state = 'cancelled';
    }
    const at = this.#options.now().toISOString();
    const mine = await this.#options.store.finish(run.id, run.attempt, {
      state,
      at,
      error: state === 'failed' ? message : undefined,
    });
    if (mine) {
      await this.#options.onEnd(run, { state, at });
      this.#options.logger.info(
        `Run ${run.kind} ${run.target ?? 'of all'} ${state}`,
        { run: run.id, ...(message && { error: message }) },
      );
    }
  }
}
