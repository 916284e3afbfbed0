import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { InProcessRunQueue } from './InProcessRunQueue';
import { PgBossRunQueue } from './PgBossRunQueue';
import type { RunQueue } from './RunQueue';

/** pg-boss's own schema, beside whatever schema the plugin's tables are in. */
const QUEUE_SCHEMA = 'imglife_queue';

/** The queue that fits the database: pg-boss on PostgreSQL, else in process. */
export async function createRunQueue(options: {
  knex: Knex;
  logger: LoggerService;
}): Promise<RunQueue> {
  const { knex, logger } = options;
  if (knex.client.config.client === 'pg') {
    return PgBossRunQueue.create({ knex, schema: QUEUE_SCHEMA, logger });
  }
  return InProcessRunQueue.create({
    knex,
    onError: error => logger.error(`A run broke off: ${error}`),
  });
}
