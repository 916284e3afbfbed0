import type { LoggerService } from '@backstage/backend-plugin-api';
import { RunKind, runKinds } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { fromKnex, PgBoss } from 'pg-boss';
import { fromKnexPool } from './fromKnexPool';
import type { QueuedRun, RunQueue, RunWorker } from './RunQueue';

// A job whose worker was killed is handed out again once its heartbeat is this
// old and the monitor has seen it: together well below 30 s.
const HEARTBEAT_SECONDS = 10;
const MONITOR_SECONDS = 5;
// A run that kills every process that takes it up must end at some time.
const RETRY_LIMIT = 5;
// pg-boss refuses more.
const MAX_EXPIRE_SECONDS = 24 * 60 * 60;
// How long stop waits for work that was told to stop.
const STOP_MS = 10_000;

interface JobContent {
  runId: string;
}

/**
 * {@link RunQueue} on pg-boss, for PostgreSQL and many processes. The job of a
 * run has the run's id; the queue policy `stately` allows one waiting and one
 * running job per key.
 */
export class PgBossRunQueue implements RunQueue {
  readonly #boss: PgBoss;
  readonly #knex: Knex;
  readonly #schema: string;
  readonly #logger: LoggerService;
  readonly #stopping = new AbortController();

  /**
   * @param options - `schema` is pg-boss's own PostgreSQL schema, made when it
   *   does not exist
   */
  static async create(options: {
    knex: Knex;
    schema: string;
    logger: LoggerService;
  }): Promise<PgBossRunQueue> {
    const boss = new PgBoss({
      db: fromKnexPool(options.knex),
      schema: options.schema,
      schedule: false,
      superviseIntervalSeconds: MONITOR_SECONDS,
      monitorIntervalSeconds: MONITOR_SECONDS,
    });
    const queue = new PgBossRunQueue(boss, options);
    boss.on('error', error =>
      options.logger.warn(`The run queue reports: ${error}`),
    );
    await boss.start();
    for (const kind of runKinds) {
      await boss.createQueue(queueName(kind), {
        policy: 'stately',
        heartbeatSeconds: HEARTBEAT_SECONDS,
        retryLimit: RETRY_LIMIT,
        retryDelay: 1,
      });
    }
    return queue;
  }

  private constructor(
    boss: PgBoss,
    options: { knex: Knex; schema: string; logger: LoggerService },
  ) {
    this.#boss = boss;
    this.#knex = options.knex;
    this.#schema = options.schema;
    this.#logger = options.logger;
  }

  async start(
    worker: RunWorker,
    concurrency: Record<RunKind, number>,
  ): Promise<void> {
    for (const kind of runKinds) {
      await this.#boss.work<JobContent>(
        queueName(kind),
        {
          localConcurrency: concurrency[kind],
          pollingIntervalSeconds: 1,
          batchSize: 1,
        },
        async ([job]) => {
          const stopping = this.#stopping.signal;
          stopping.throwIfAborted();
          await worker(job.data.runId, AbortSignal.any([job.signal, stopping]));
        },
      );
    }
  }

  async send(run: QueuedRun, trx: Knex.Transaction): Promise<boolean> {
    const content: JobContent = { runId: run.id };
    const sent = await this.#boss.send(queueName(run.kind), content, {
      id: run.id,
      singletonKey: run.key,
      expireInSeconds: Math.min(
        Math.ceil(run.expireMs / 1000),
        MAX_EXPIRE_SECONDS,
      ),
      db: fromKnex(trx),
    });
    return sent !== null;
  }

  wake(): void {
    // pg-boss polls every second: a job of another process is not told here
  }

  async remove(
    kind: RunKind,
    id: string,
    trx: Knex.Transaction,
  ): Promise<void> {
    await this.#boss.cancel(queueName(kind), id, { db: fromKnex(trx) });
  }

  async findLost(
    runs: Array<{ id: string; kind: RunKind }>,
  ): Promise<string[]> {
    const ids = runs.map(run => run.id);
    // One query for all; pg-boss's own calls look up one id at a time.
    const jobs = await this.#knex
      .withSchema(this.#schema)
      .from('job')
      .whereRaw('id = any(?::uuid[])', [ids])
      .whereIn('name', runKinds.map(queueName))
      .whereIn('state', ['created', 'retry', 'active'])
      .select<Array<{ id: string }>>('id');
    const known = new Set(jobs.map(job => job.id));
    return ids.filter(id => !known.has(id));
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('this process is shutting down'));
    try {
      await this.#boss.stop({ graceful: true, timeout: STOP_MS });
    } catch (error) {
      this.#logger.warn(`The run queue did not stop in time: ${error}`);
    }
  }
}

function queueName(kind: RunKind): string {
  return `imglife-${kind}`;
}
