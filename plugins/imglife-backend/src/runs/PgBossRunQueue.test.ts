import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDatabase } from '../database/connectDatabase';
import { createRunQueue } from './createRunQueue';
import { DatabaseRunStore } from './DatabaseRunStore';
import { DefaultRunService } from './DefaultRunService';
import { fromKnexPool } from './fromKnexPool';
import { InProcessRunQueue } from './InProcessRunQueue';
import { PgBossRunQueue } from './PgBossRunQueue';

jest.setTimeout(90_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const postgres = databases
  .eachSupportedId()
  .flat()
  .filter(id => id !== 'SQLITE_3');

describe.each(databases.eachSupportedId())('createRunQueue on %s', id => {
  it('makes the queue that fits the database', async () => {
    const knex = await databases.init(id);
    const logger = mockServices.logger.mock();
    const queue = await createRunQueue({ knex, logger });
    await queue.stop();

    expect(queue).toBeInstanceOf(
      id === 'SQLITE_3' ? InProcessRunQueue : PgBossRunQueue,
    );
  });
});

// describe.each takes no empty list: there may be no PostgreSQL.
postgres.forEach(id =>
  describe(`fromKnexPool on ${id}`, () => {
    it('answers rows, several statements and values', async () => {
      const database = fromKnexPool(await databases.init(id));

      expect(
        await database.executeSql(
          `select $2::int - $1::int as n, '{"a":1}'::jsonb ? 'a' as has`,
          [2, 5],
        ),
      ).toMatchObject({ rows: [{ n: 3, has: true }] });
      await database.executeSql(
        'BEGIN; CREATE TABLE kept (n int); INSERT INTO kept VALUES (1); COMMIT;',
      );
      expect(await database.executeSql('select n from kept')).toMatchObject({
        rows: [{ n: 1 }],
      });
    });

    it('leaves no connection in a failed transaction', async () => {
      const knex = await databases.init(id);
      const database = fromKnexPool(knex);
      await knex.raw('select 1');

      await expect(
        database.executeSql(
          'BEGIN; CREATE TABLE lost (n int); SELECT 1/0; COMMIT;',
        ),
      ).rejects.toThrow('division by zero');
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => knex.raw('select 1 as n')),
      );
      expect(answers.map(({ rows }) => rows[0].n)).toEqual(Array(10).fill(1));
      expect(await knex.schema.hasTable('lost')).toBe(false);
      expect(knex.client.pool.numUsed()).toBe(0);
    });
  }),
);

postgres.forEach(id =>
  describe(`PgBossRunQueue on ${id}`, () => {
    const queues: PgBossRunQueue[] = [];
    const children: ChildProcess[] = [];

    afterEach(async () => {
      for (const child of children.splice(0)) {
        child.kill('SIGKILL');
      }
      await Promise.all(queues.splice(0).map(queue => queue.stop()));
    });

    async function connect(): Promise<Knex> {
      const knex = await databases.init(id);
      return connectDatabase(mockServices.database({ knex }));
    }

    async function createQueue(knex: Knex): Promise<PgBossRunQueue> {
      const logger = mockServices.logger.mock();
      const queue = await PgBossRunQueue.create({ knex, schema: 'q', logger });
      queues.push(queue);
      return queue;
    }

    function queued(key: string) {
      const kind = 'sync' as const;
      return { id: randomUUID(), kind, key, expireMs: 60_000 };
    }

    async function jobs(knex: Knex): Promise<Array<[string, string]>> {
      const rows = await knex.withSchema('q').from('job').select('id', 'state');
      return rows.map(row => [row.id, row.state]);
    }

    it('sends and removes jobs as part of the transaction', async () => {
      const knex = await connect();
      const queue = await createQueue(knex);
      const [lost, kept, twice] = [queued('a'), queued('a'), queued('a')];
      await expect(
        knex.transaction(async trx => {
          await queue.send(lost, trx);
          throw new Error('rolled back');
        }),
      ).rejects.toThrow('rolled back');
      expect(await jobs(knex)).toEqual([]);

      expect(await knex.transaction(trx => queue.send(kept, trx))).toBe(true);
      expect(await knex.transaction(trx => queue.send(twice, trx))).toBe(false);
      await expect(
        knex.transaction(async trx => {
          await queue.remove('sync', kept.id, trx);
          throw new Error('rolled back');
        }),
      ).rejects.toThrow('rolled back');
      expect(await jobs(knex)).toEqual([[kept.id, 'created']]);

      await knex.transaction(trx => queue.remove('sync', kept.id, trx));
      expect(await jobs(knex)).toEqual([[kept.id, 'cancelled']]);
      expect(await knex.transaction(trx => queue.send(twice, trx))).toBe(true);
    });

    it('lets several processes make its tables at once', async () => {
      const knex = await connect();
      const [one, other] = await Promise.all([
        createQueue(knex),
        createQueue(knex),
      ]);
      const run = queued('a');

      expect(await knex.transaction(trx => one.send(run, trx))).toBe(true);
      expect(await knex.transaction(trx => other.send(queued('a'), trx))).toBe(
        false,
      );
    });

    it('knows which jobs are lost, in one query', async () => {
      const knex = await connect();
      const queue = await createQueue(knex);
      const [waiting, removed, active, never] = 'abcd'.split('').map(queued);
      for (const run of [active, waiting, removed]) {
        await knex.transaction(trx => queue.send(run, trx));
      }
      await knex.transaction(trx => queue.remove('sync', removed.id, trx));
      await knex
        .withSchema('q')
        .from('job')
        .where({ id: active.id })
        .update({ state: 'active' });
      const queries: string[] = [];
      const listen = ({ sql }: { sql: string }) => queries.push(sql);
      const own = () =>
        queries.filter(
          sql =>
            sql.includes('any(?::uuid[])') || sql.includes('any($1::uuid[])'),
        );
      knex.on('query', listen);
      const found = await queue.findLost([waiting, removed, active, never]);
      knex.off('query', listen);

      expect(found.sort()).toEqual([removed.id, never.id].sort());
      expect(own()).toHaveLength(1);
      expect(await queue.findLost([])).toEqual([]);
    });

    it('hands out the work of a killed process', async () => {
      const knex = await connect();
      const logger = mockServices.logger.mock();
      const queue = await PgBossRunQueue.create({
        knex,
        schema: 'imglife_queue',
        logger,
      });
      queues.push(queue);
      const worked = jest.fn(async () => {});
      const service = DefaultRunService.create({
        store: DatabaseRunStore.create({ knex }),
        queue,
        handlers: [{ kind: 'lifecycle', run: worked }],
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
      const run = await service.start(
        { kind: 'lifecycle' },
        { trigger: 'user', actor: 'user:default/guest' },
      );
      const { connection } = knex.client.config;
      const child = spawn(
        process.execPath,
        [
          '--require',
          require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
          resolve(__dirname, '__fixtures__/holdRun.ts'),
          // Knex hides the password from a plain JSON.stringify
          JSON.stringify({ ...connection, password: connection.password }),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      children.push(child);
      const [said] = await once(child.stdout!, 'data');
      expect(String(said)).toBe(`begun ${run.id}\n`);
      await sleep(1_500);
      await service.startWorkers({
        sync: 1,
        build: 1,
        lifecycle: 1,
        scan: 1,
        verify: 1,
        retention: 1,
        restore: 1,
      });
      await sleep(2_000);
      expect(await service.get(run.id)).toMatchObject({
        state: 'running',
        progress: { done: 4, total: 9 },
      });
      expect(worked).not.toHaveBeenCalled();

      child.kill('SIGKILL');
      await once(child, 'exit');
      const killed = Date.now();
      while (worked.mock.calls.length === 0 && Date.now() - killed < 40_000) {
        await sleep(100);
      }
      expect(worked).toHaveBeenCalledTimes(1);
      expect(Date.now() - killed).toBeLessThan(30_000);
      await sleep(500);
      expect(await service.get(run.id)).toMatchObject({
        state: 'succeeded',
        progress: { done: 0, total: 0 },
      });
      expect((await service.readLog(run.id, 0)).map(line => line.text)).toEqual(
        ['taken up'],
      );
      expect(await knex('run').first('attempt')).toEqual({ attempt: 2 });
    });
  }),
);
