import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { NotFoundError } from '@backstage/errors';
import { RunKind, runKinds } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDatabase } from '../database/connectDatabase';
import { createRunQueue } from './createRunQueue';
import { DatabaseRunStore } from './DatabaseRunStore';
import { DefaultRunService, RunEndListener } from './DefaultRunService';
import type { RunContext } from './RunContext';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const by = { trigger: 'user' as const, actor: 'user:default/guest' };
const concurrency = {
  sync: 2,
  build: 2,
  lifecycle: 1,
  scan: 1,
  verify: 1,
  retention: 1,
  restore: 1,
};

async function until<T>(
  read: () => Promise<T> | T,
  isSo: (value: T) => boolean,
  withinMs = 10_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (isSo(value)) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`still ${JSON.stringify(value)}`);
    }
    await sleep(20);
  }
}

/** Work that goes on until the test ends it, or it is aborted. */
class HeldWork {
  readonly contexts: RunContext[] = [];
  readonly #ends = new Map<string, () => void>();

  readonly run = async (context: RunContext): Promise<void> => {
    this.contexts.push(context);
    await new Promise<void>((resolve, reject) => {
      this.#ends.set(context.id, resolve);
      context.signal.addEventListener('abort', () =>
        reject(context.signal.reason),
      );
    });
  };

  end(id: string): void {
    this.#ends.get(id)!();
  }

  async begun(count: number): Promise<RunContext> {
    await until(
      () => this.contexts.length,
      length => length >= count,
    );
    return this.contexts[count - 1];
  }
}

describe.each(databases.eachSupportedId())('runs on %s', databaseId => {
  const started: DefaultRunService[] = [];

  afterEach(async () => {
    await Promise.all(started.splice(0).map(service => service.stopWorkers()));
  });

  async function connect(): Promise<Knex> {
    const knex = await databases.init(databaseId);
    return connectDatabase(mockServices.database({ knex }));
  }

  /** One process of the portal: its own queue on the database of all. */
  async function createProcess(
    knex: Knex,
    run: (context: RunContext) => Promise<void>,
    change: { timeoutMs?: number; now?: () => Date } = {},
  ) {
    const logger = mockServices.logger.mock();
    const timeoutMs = change.timeoutMs ?? 60_000;
    const onEnd = jest.fn<Promise<void>, Parameters<RunEndListener>>(
      async () => {},
    );
    const service = DefaultRunService.create({
      store: DatabaseRunStore.create({ knex }),
      queue: await createRunQueue({ knex, logger }),
      handlers: runKinds.map(kind => ({ kind, run })),
      timeoutsMs: {
        sync: timeoutMs,
        build: timeoutMs,
        lifecycle: timeoutMs,
        scan: timeoutMs,
        verify: timeoutMs,
        retention: timeoutMs,
        restore: timeoutMs,
      },
      targets: {
        sync: ['a', 'b', 'c'],
        build: ['a'],
        lifecycle: [],
        scan: [],
        verify: [],
        retention: ['bases'],
        restore: 'any',
      },
      onEnd,
      newId: randomUUID,
      now: change.now ?? (() => new Date()),
      logger,
    });
    started.push(service);
    const ended = (id: string) =>
      until(
        () => service.get(id),
        ({ state }) => state !== 'queued' && state !== 'running',
      );
    const running = (id: string) =>
      until(
        () => service.get(id),
        ({ state }) => state === 'running',
      );
    const start = async (kind: RunKind, target?: string, force = false) =>
      (await service.start({ kind, target, force }, by)).id;
    const log = async (id: string) =>
      (await service.readLog(id, 0)).map(line => line.text);
    return { service, start, ended, running, log, onEnd };
  }

  it('works on a run, and records what the work says', async () => {
    const contexts: RunContext[] = [];
    const { service, start, ended, log, onEnd } = await createProcess(
      await connect(),
      async context => {
        contexts.push(context);
        context.progress({ total: 2 });
        context.log('looking');
        await sleep(1_100);
        context.item({
          reference: 'r:1',
          action: 'copy',
          reason: null,
          state: 'done',
          error: null,
        });
        context.progress({ done: 2, bytes: 3 });
        context.log('done');
      },
    );
    await service.startWorkers(concurrency);
    const { id } = await service.start(
      { kind: 'build', target: 'a', dryRun: true, force: true },
      by,
    );

    expect(await ended(id)).toMatchObject({
      state: 'succeeded',
      progress: { done: 2, total: 2, bytes: 3 },
      items: [{ reference: 'r:1', state: 'done' }],
      error: null,
      actor: 'user:default/guest',
      trigger: 'user',
      dryRun: true,
    });
    expect(await log(id)).toEqual(['looking', 'done']);
    const seen = { id, kind: 'build', target: 'a', dryRun: true, force: true };
    expect(contexts).toEqual([expect.objectContaining(seen)]);
    await until(
      () => onEnd.mock.calls,
      calls => calls.length > 0,
    );
    expect(onEnd.mock.calls).toEqual([
      [
        expect.objectContaining({ ...seen, attempt: 1 }),
        { state: 'succeeded', at: (await service.get(id)).finishedAt },
      ],
    ]);
    const all = await start('lifecycle');
    expect(await ended(all)).toMatchObject({ target: null });
    expect((await service.list({ kind: 'lifecycle' })).items).toEqual([
      expect.objectContaining({ id: all }),
    ]);
  });

  it('ends failed with the error, or the count of failed images', async () => {
    const knex = await connect();
    const { service, start, ended, log, onEnd } = await createProcess(
      knex,
      async context => {
        if (context.target === 'a') {
          context.log('about to fail');
          throw new Error('upstream is gone');
        }
        for (const reference of ['r:1', 'r:2', 'r:3']) {
          const state = reference === 'r:2' ? 'done' : 'failed';
          const error = 'denied';
          context.item({
            reference,
            action: 'copy',
            reason: null,
            state,
            error,
          });
        }
      },
    );
    await service.startWorkers(concurrency);
    const a = await start('sync', 'a');
    const b = await start('sync', 'b');

    expect(await ended(a)).toMatchObject({
      state: 'failed',
      error: 'Error: upstream is gone',
    });
    expect(await log(a)).toEqual(['about to fail', 'Error: upstream is gone']);
    expect(await ended(b)).toMatchObject({
      state: 'failed',
      error: '2 images failed',
    });
    await until(
      () => onEnd.mock.calls.length,
      length => length === 2,
    );
    expect(onEnd.mock.calls.map(([, end]) => end.state)).toEqual([
      'failed',
      'failed',
    ]);
    await sleep(1_500);
    expect(await knex('run').select('attempt')).toEqual([
      { attempt: 1 },
      { attempt: 1 },
    ]);
  });

  it('answers the waiting run to a repeat', async () => {
    const knex = await connect();
    const work = new HeldWork();
    const { service, start, ended, running, log } = await createProcess(
      knex,
      work.run,
    );
    const repeats = await Promise.all(
      Array.from({ length: 5 }, () => start('sync', 'a')),
    );
    const [first] = repeats;
    expect(new Set(repeats)).toEqual(new Set([first]));
    expect(await start('sync', 'a', true)).toBe(first);
    expect(await log(first)).toEqual(['forced by user:default/guest']);
    const others = [
      await start('sync'),
      await start('sync', 'b'),
      await start('build', 'a'),
      (await service.start({ kind: 'sync', target: 'a', dryRun: true }, by)).id,
    ];
    expect(new Set([first, ...others]).size).toBe(5);
    expect((await service.list({})).totalItems).toBe(5);

    await Promise.all(others.map(id => service.cancel(id)));
    await service.startWorkers(concurrency);
    await running(first);
    expect((await work.begun(1)).force).toBe(true);
    const second = await start('sync', 'a');
    expect(second).not.toBe(first);
    expect(await start('sync', 'a')).toBe(second);
    work.end(first);
    await ended(first);
    await work.begun(2);
    work.end(second);
    await ended(second);
  });

  it('does not queue a run that could not be recorded', async () => {
    const knex = await connect();
    const { service, start, ended } = await createProcess(knex, async () => {});
    const nobody = { trigger: 'user' as const, actor: null as never };
    await expect(
      service.start({ kind: 'sync', target: 'a' }, nobody),
    ).rejects.toThrow(/null/i);
    const id = await start('sync', 'a');
    await service.startWorkers(concurrency);

    expect((await ended(id)).state).toBe('succeeded');
    expect((await service.list({})).totalItems).toBe(1);
  });

  it('cancels a waiting run at once, and a running one within a second', async () => {
    const work = new HeldWork();
    const { service, start, ended, running } = await createProcess(
      await connect(),
      work.run,
    );
    const waiting = await start('sync', 'a');
    expect(await service.cancel(waiting)).toBe('cancelled');
    expect(await service.cancel(waiting)).toBe('cancelled');
    const next = await start('sync', 'a');
    expect(next).not.toBe(waiting);
    await service.startWorkers(concurrency);
    await running(next);
    const context = await work.begun(1);

    expect(await service.cancel(next)).toBe('running');
    const asked = Date.now();
    expect(await ended(next)).toMatchObject({
      state: 'cancelled',
      error: null,
    });
    expect(Date.now() - asked).toBeLessThan(2_000);
    expect(context.signal.aborted).toBe(true);
    expect(work.contexts.map(({ id }) => id)).toEqual([next]);
    expect(await service.get(waiting)).toMatchObject({ startedAt: null });
    await expect(service.cancel(randomUUID())).rejects.toThrow(NotFoundError);
    await expect(service.get(randomUUID())).rejects.toThrow(NotFoundError);
  });

  it('stops a run at its time limit', async () => {
    const { service, start, ended } = await createProcess(
      await connect(),
      new HeldWork().run,
      { timeoutMs: 200 },
    );
    await service.startWorkers(concurrency);

    expect(await ended(await start('sync', 'a'))).toMatchObject({
      state: 'failed',
      error: 'stopped after the time limit of 0.2 s',
    });
  });

  it('takes a time limit of more than a day', async () => {
    const { service, start, ended } = await createProcess(
      await connect(),
      async () => {},
      { timeoutMs: 48 * 3_600_000 },
    );
    await service.startWorkers(concurrency);

    expect((await ended(await start('sync', 'a'))).state).toBe('succeeded');
  });

  it('refuses a target that is not declared', async () => {
    const { service, start } = await createProcess(
      await connect(),
      async () => {},
    );

    await expect(start('sync', 'z')).rejects.toThrow(
      'target: sync knows no "z"; known are a, b, c',
    );
    await expect(start('lifecycle', 'a')).rejects.toThrow(
      'target: lifecycle has none to choose from, leave it out',
    );
    expect((await service.list({})).totalItems).toBe(0);
  });

  it('runs as many at once as it may, and a target never twice', async () => {
    const knex = await connect();
    const work = new HeldWork();
    const one = await createProcess(knex, work.run);
    // An in-process queue is that of the only process.
    const other =
      databaseId === 'SQLITE_3' ? one : await createProcess(knex, work.run);
    await one.service.startWorkers({ ...concurrency, sync: 3 });
    if (other !== one) {
      await other.service.startWorkers({ ...concurrency, sync: 3 });
    }

    const first = await one.start('build', 'a');
    await one.running(first);
    const second = await other.start('build', 'a', true);
    expect(second).not.toBe(first);
    await sleep(2_500);
    expect(await one.service.get(second)).toMatchObject({ state: 'queued' });
    expect(work.contexts).toHaveLength(1);

    const syncs = [
      await one.start('sync', 'a'),
      await other.start('sync', 'b'),
    ];
    await Promise.all(syncs.map(one.running));
    const again = await other.start('sync', 'a');
    await sleep(1_500);
    expect(await one.service.get(again)).toMatchObject({ state: 'queued' });

    work.end(first);
    await one.running(second);
    work.end(syncs[0]);
    await one.running(again);
    await work.begun(5);
    for (const id of [syncs[1], second, again]) {
      work.end(id);
      await one.ended(id);
    }
  });

  it('keeps to its concurrency', async () => {
    const work = new HeldWork();
    const { service, start, running, ended } = await createProcess(
      await connect(),
      work.run,
    );
    await service.startWorkers(concurrency);
    const ids = [
      await start('sync', 'a'),
      await start('sync', 'b'),
      await start('sync', 'c'),
    ];
    await work.begun(2);
    await sleep(1_500);
    expect(work.contexts).toHaveLength(2);

    const begun = work.contexts.map(({ id }) => id);
    const [last] = ids.filter(id => !begun.includes(id));
    work.end(begun[0]);
    await running(last);
    await work.begun(3);
    work.end(begun[1]);
    work.end(last);
    await Promise.all(ids.map(ended));
  });

  it('gives its work back when it stops, and another process goes on', async () => {
    const knex = await connect();
    const work = new HeldWork();
    const old = await createProcess(knex, work.run);
    await old.service.startWorkers(concurrency);
    const id = await old.start('sync', 'a');
    await old.running(id);
    const context = await work.begun(1);
    const asked = Date.now();
    await old.service.stopWorkers();

    expect(Date.now() - asked).toBeLessThan(3_000);
    expect(context.signal.aborted).toBe(true);
    expect(await old.service.get(id)).toMatchObject({ state: 'queued' });
    expect(old.onEnd).not.toHaveBeenCalled();

    const next = await createProcess(knex, async () => {});
    expect(await next.start('sync', 'a')).toBe(id);
    await next.service.startWorkers(concurrency);
    expect(await next.ended(id)).toMatchObject({ state: 'succeeded' });
    expect(await knex('run').select('id', 'attempt')).toEqual([
      { id, attempt: 2 },
    ]);
  });

  it('ends runs whose jobs are lost, and lets the others be', async () => {
    const knex = await connect();
    let offsetMs = 0;
    const now = () => new Date(Date.now() + offsetMs);
    const work = new HeldWork();
    const { service, start, running, ended, onEnd } = await createProcess(
      knex,
      work.run,
      { now },
    );
    await service.startWorkers(concurrency);
    const held = await start('sync', 'a');
    await running(held);
    const waiting = await start('sync', 'a');
    const lost = randomUUID();
    await DatabaseRunStore.create({ knex }).create(
      {
        id: lost,
        kind: 'build',
        target: 'a',
        dryRun: false,
        force: false,
        ...by,
        createdAt: now().toISOString(),
      },
      async () => true,
    );
    await service.reconcile();
    expect(await service.get(lost)).toMatchObject({ state: 'queued' });
    offsetMs = 61_000;
    await service.reconcile();

    expect(await service.get(lost)).toMatchObject({
      state: 'failed',
      error: 'the run was lost: its job is no longer in the queue',
    });
    expect(onEnd.mock.calls).toEqual([
      [
        expect.objectContaining({ id: lost, kind: 'build', target: 'a' }),
        { state: 'failed', at: (await service.get(lost)).finishedAt },
      ],
    ]);
    expect(await service.get(held)).toMatchObject({ state: 'running' });
    expect(await service.get(waiting)).toMatchObject({ state: 'queued' });
    await service.cancel(waiting);
    work.end(held);
    await ended(held);
  });

  it('gives up a run that never comes to its end', async () => {
    const knex = await connect();
    const work = jest.fn(async () => {});
    const { service, start, ended } = await createProcess(knex, work);
    const id = await start('sync', 'a');
    await knex('run').where({ id }).update({ attempt: 10 });
    await service.startWorkers(concurrency);

    expect(await ended(id)).toMatchObject({
      state: 'failed',
      error: 'given up: 10 attempts broke off before their end',
    });
    expect(work).not.toHaveBeenCalled();
  });
});
