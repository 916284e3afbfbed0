import type { LoggerService } from '@backstage/backend-plugin-api';
import { runKinds } from '@imglife/backstage-plugin-imglife-common';
import knexFactory from 'knex';
import { randomUUID } from 'node:crypto';
import { createRunQueue } from '../createRunQueue';
import { DatabaseRunStore } from '../DatabaseRunStore';
import { DefaultRunService } from '../DefaultRunService';

/**
 * A process of its own that takes up runs and never ends them: it waits to be
 * killed. Arguments: the connection as JSON. It says `begun` with the run's id.
 */
async function holdRuns(): Promise<void> {
  const silent = () => {};
  const logger: LoggerService = {
    error: silent,
    warn: silent,
    info: silent,
    debug: silent,
    child: () => logger,
  };
  const knex = knexFactory({
    client: 'pg',
    connection: JSON.parse(process.argv[2]),
  });
  const service = DefaultRunService.create({
    store: DatabaseRunStore.create({ knex }),
    queue: await createRunQueue({ knex, logger }),
    handlers: runKinds.map(kind => ({
      kind,
      async run(context) {
        context.log('taken up');
        context.progress({ total: 9, done: 4 });
        process.stdout.write(`begun ${context.id}\n`);
        await new Promise(() => {});
      },
    })),
    timeoutsMs: {
      sync: 60_000,
      build: 60_000,
      lifecycle: 60_000,
      scan: 60_000,
      verify: 60_000,
      retention: 60_000,
      restore: 60_000,
    },
    targets: {
      sync: [],
      build: [],
      lifecycle: [],
      scan: [],
      verify: [],
      retention: [],
      restore: [],
    },
    onEnd: async () => {},
    newId: randomUUID,
    now: () => new Date(),
    logger,
  });
  await service.startWorkers({
    sync: 2,
    build: 1,
    lifecycle: 1,
    scan: 1,
    verify: 1,
    retention: 1,
    restore: 1,
  });
}

holdRuns().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
