import type { LoggerService } from '@backstage/backend-plugin-api';
import { RunKind, runKinds } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { fromKnex, PgBoss } from 'pg-boss';
import type { QueuedRun, RunQueue, RunWorker } from './RunQueue';

// A job whose worker was killed is handed out again once its heartbeat is this
// old and the monitor has seen it: together well below 30 s.
const HEARTBEAT_SECONDS = 10;
const MONITOR_SECONDS = 5;
// A run that kills every process that takes it up must end at some time.
const RETRY_LIMIT = 5;

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
  readonly #logger: LoggerService;

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
      db: fromKnex(options.knex),
      schema: options.schema,
      schedule: false,
      superviseIntervalSeconds: MONITOR_SECONDS,
      monitorIntervalSeconds: MONITOR_SECONDS,
    });
    const queue = new PgBossRunQueue(boss, options.logger);
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

  private constructor(boss: PgBoss, logger: LoggerService) {
    this.#boss = boss;
    this.#logger = logger;
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
          await worker(job.data.runId, job.signal);
        },
      );
    }
  }

  async send(run: QueuedRun, trx: Knex.Transaction): Promise<boolean> {
    const content: JobContent = { runId: run.id };
    const sent = await this.#boss.send(queueName(run.kind), content, {
      id: run.id,
      singletonKey: run.key,
      expireInSeconds: Math.ceil(run.expireMs / 1000),
      db: fromKnex(trx),
    });
    return sent !== null;
  }

  wake(): void {
    // pg-boss polls every second: a job of another process is not told here
  }

  async remove(kind: RunKind, id: string): Promise<void> {
    await this.#boss.cancel(queueName(kind), id);
  }

  async findLost(
    runs: Array<{ id: string; kind: RunKind }>,
  ): Promise<string[]> {
    const lost: string[] = [];
    for (const { id, kind } of runs) {
      const [job] = await this.#boss.findJobs(queueName(kind), { id });
      if (!job || !['created', 'retry', 'active'].includes(job.state)) {
        lost.push(id);
      }
    }
    return lost;
  }

  async stop(): Promise<void> {
    try {
      await this.#boss.stop({ graceful: true, timeout: 10_000 });
    } catch (error) {
      this.#logger.warn(`The run queue did not stop in time: ${error}`);
    }
  }
}

function queueName(kind: RunKind): string {
  return `imglife-${kind}`;
}
