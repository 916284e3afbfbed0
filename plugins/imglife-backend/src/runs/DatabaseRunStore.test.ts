import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import { connectDatabase } from '../database/connectDatabase';
import { DatabaseRunStore } from './DatabaseRunStore';
import type { NewRun, RunChanges } from './RunStore';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const AT = '2026-11-23T10:00:00.000Z';
const LATER = '2026-11-23T10:05:00.000Z';

function newRun(change: Partial<NewRun> & { id: string }): NewRun {
  return {
    kind: 'sync',
    target: 'alpine',
    dryRun: false,
    force: false,
    trigger: 'user',
    actor: 'user:default/guest',
    createdAt: AT,
    ...change,
  };
}

function item(change: Partial<RunItem>): RunItem {
  return {
    reference: 'registry.example/alpine:3.21.3',
    action: 'copy',
    reason: null,
    state: 'done',
    error: null,
    ...change,
  };
}

const nothing: RunChanges = {
  items: [],
  lines: [],
  done: 0,
  total: 0,
  bytes: 0,
};

describe.each(databases.eachSupportedId())('DatabaseRunStore on %s', id => {
  async function createStore() {
    const knex = await databases.init(id);
    await connectDatabase(mockServices.database({ knex }));
    const store = DatabaseRunStore.create({ knex });
    const add = (run: Partial<NewRun> & { id: string }) =>
      store.create(newRun(run), async () => true);
    return { knex, store, add };
  }

  it('records a run together with its job, or not at all', async () => {
    const { knex, store, add } = await createStore();
    await knex.schema.createTable('job', table => table.text('id'));
    const enqueue = (run: string, sent: boolean) =>
      store.create(newRun({ id: run }), async trx => {
        await trx('job').insert({ id: run });
        return sent;
      });

    expect(await add({ id: 'r1', target: undefined, dryRun: true })).toBe(true);
    expect(await enqueue('r2', true)).toBe(true);
    await expect(enqueue('r2', true)).rejects.toThrow(/unique/i);
    expect(await enqueue('r3', false)).toBe(false);

    expect(await store.get('r1')).toEqual({
      id: 'r1',
      kind: 'sync',
      target: null,
      trigger: 'user',
      actor: 'user:default/guest',
      dryRun: true,
      state: 'queued',
      progress: { done: 0, total: 0, bytes: 0 },
      items: [],
      createdAt: AT,
      startedAt: null,
      finishedAt: null,
      error: null,
    });
    expect(await store.get('r3')).toBeUndefined();
    expect(await knex('job').where({ id: 'r2' })).toHaveLength(1);
  });

  it('finds the waiting run that stands for another', async () => {
    const { store, add } = await createStore();
    await add({ id: 'all', target: undefined });
    await add({ id: 'alpine' });
    await add({ id: 'dry', dryRun: true });
    await add({ id: 'base', kind: 'build' });
    const join = (change: Partial<NewRun>) =>
      store.joinQueued(newRun({ id: 'new', ...change }));

    expect(await join({})).toBe('alpine');
    expect(await join({ target: undefined })).toBe('all');
    expect(await join({ dryRun: true })).toBe('dry');
    expect(await join({ kind: 'build' })).toBe('base');
    expect(await join({ target: 'node' })).toBeUndefined();
    expect(await store.readLog('alpine', 0, 10)).toEqual([]);

    expect(
      await join({ force: true, actor: 'user:default/ann', createdAt: LATER }),
    ).toBe('alpine');
    expect(await join({ force: true })).toBe('alpine');
    expect(await store.readLog('alpine', 0, 10)).toEqual([
      expect.objectContaining({
        at: LATER,
        text: 'forced by user:default/ann',
      }),
    ]);
    expect(await store.begin('alpine', AT)).toMatchObject({ force: true });
    expect(await store.begin('base', AT)).toMatchObject({ force: false });
    expect(await join({})).toBeUndefined();
    expect(await join({ kind: 'build', force: true })).toBeUndefined();
  });

  it('lists newest first, filtered, page by page', async () => {
    const { store, add } = await createStore();
    const minute = (n: number) => `2026-11-23T10:0${n}:00.000Z`;
    await add({ id: 'a', createdAt: minute(1) });
    await add({ id: 'b', createdAt: minute(2), kind: 'build' });
    await add({ id: 'c', createdAt: minute(2), target: 'node' });
    await add({ id: 'd', createdAt: minute(2), target: undefined });
    await add({ id: 'e', createdAt: minute(3) });
    await store.begin('a', AT);
    await store.save('a', 1, { ...nothing, items: [item({})] });
    const ids = async (query: Parameters<typeof store.list>[0]) =>
      (await store.list(query)).items.map(run => run.id);

    expect(await ids({})).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(await ids({ kind: 'build' })).toEqual(['b']);
    expect(await ids({ target: 'node' })).toEqual(['c']);
    expect(await ids({ state: 'running' })).toEqual(['a']);
    expect(await ids({ kind: 'build', state: 'running' })).toEqual([]);
    expect((await store.list({ state: 'running' })).items[0].items).toEqual([]);

    const seen: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list({ limit: 2, cursor });
      expect(page.totalItems).toBe(5);
      expect(page.totalIsLowerBound).toBeUndefined();
      seen.push(page.items.map(run => run.id));
      cursor = page.pageInfo.nextCursor;
    } while (cursor);
    expect(seen).toEqual([['e', 'd'], ['c', 'b'], ['a']]);

    const first = await store.list({ kind: 'sync', limit: 2 });
    expect(first.totalItems).toBe(4);
    expect(
      await ids({ kind: 'sync', limit: 9, cursor: first.pageInfo.nextCursor }),
    ).toEqual(['c', 'a']);
  });

  it('goes back page by page', async () => {
    const { store, add } = await createStore();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await add({ id: name });
    }
    const at = async (cursor?: string) => {
      const page = await store.list({ limit: 2, cursor });
      return { ids: page.items.map(run => run.id), ...page.pageInfo };
    };
    const first = await at();
    const second = await at(first.nextCursor);
    const third = await at(second.nextCursor);
    expect(third).toEqual({ ids: ['a'], prevCursor: expect.any(String) });
    expect(await at(third.prevCursor)).toEqual(second);
    expect(await at(second.prevCursor)).toEqual(first);
    expect(first).toEqual({ ids: ['e', 'd'], nextCursor: expect.any(String) });
  });

  it('finds by which runs declared entries are failing', async () => {
    const { knex, store, add } = await createStore();
    const entry = (kind: string, name: string, failures: number) => ({
      kind,
      name,
      failures,
      hash: 'h',
      source: 'app-config',
      since: AT,
    });
    await knex('definition').insert([
      entry('mirror', 'alpine', 2),
      entry('mirror', 'node', 0),
      entry('base', 'alpine', 1),
      entry('scan', 'all', 1),
      entry('mirror', 'all', 0),
    ]);
    const failed = async (run: Partial<NewRun> & { id: string }) => {
      await add(run);
      await store.begin(run.id, AT);
      await store.finish(run.id, 1, { state: 'failed', at: AT, error: 'no' });
    };
    await failed({ id: 'first' });
    await failed({ id: 'last', createdAt: LATER });
    await failed({ id: 'dry', createdAt: LATER, dryRun: true });
    await failed({ id: 'whole sync', createdAt: LATER, target: undefined });
    await failed({ id: 'mended since', target: 'node' });
    await failed({ id: 'no longer declared', target: 'old' });
    await failed({ id: 'base', kind: 'build' });
    await failed({ id: 'scan', kind: 'scan', target: undefined });
    await add({ id: 'open', createdAt: LATER });
    const ids = async (query: Parameters<typeof store.list>[0]) =>
      (await store.list(query)).items.map(run => run.id).sort();

    expect(await ids({ failing: true })).toEqual(['base', 'last', 'scan']);
    expect(await ids({ failing: true, kind: 'build' })).toEqual(['base']);
    expect(await ids({ failing: true, state: 'running' })).toEqual([]);
    expect(await ids({ failing: false, state: 'queued' })).toEqual(['open']);
    expect(await ids({ failing: false })).toHaveLength(6);
  });

  it.each(['%', 'bm90IGpzb24', 'WyJhIl0', 'WzEsMl0'])(
    'refuses the cursor %s',
    async cursor => {
      const { store } = await createStore();
      await expect(store.list({ cursor })).rejects.toThrow(
        'cursor: not one that this server gave',
      );
    },
  );

  it('says when there are more than it counts', async () => {
    const { knex, store, add } = await createStore();
    await add({ id: 'a' });
    const [row] = await knex('run');
    const rows = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => ({
        ...row,
        id: `r${from + n}`,
      }));
    await knex.batchInsert('run', rows(1, 10_000), 500);
    expect(await store.list({ limit: 1 })).toMatchObject({
      totalItems: 10_000,
    });
    expect((await store.list({})).totalIsLowerBound).toBeUndefined();
    await knex('run').insert(rows(10_000, 10_001));

    const page = await store.list({});
    expect(page).toMatchObject({ totalItems: 10_000, totalIsLowerBound: true });
    expect(page.items).toHaveLength(50);
  });

  it('keeps progress, items and log of the attempt that runs', async () => {
    const { store, add } = await createStore();
    await add({ id: 'r1' });
    await add({ id: 'r2' });
    await store.begin('r2', AT);

    expect(await store.begin('r1', AT)).toEqual({
      id: 'r1',
      kind: 'sync',
      target: 'alpine',
      dryRun: false,
      force: false,
      actor: 'user:default/guest',
      attempt: 1,
    });
    const planned = item({ state: 'planned' });
    const failed = item({ reference: 'b', state: 'failed', error: 'no' });
    const bytes = 5_000_000_000_000;
    expect(
      await store.save('r1', 1, {
        items: [planned, failed, item({ reason: 'moved' })],
        lines: [{ at: AT, text: 'one' }],
        done: 1,
        total: 2,
        bytes,
      }),
    ).toBe(true);
    await store.save('r1', 1, {
      items: [{ ...failed, state: 'done', error: null }],
      lines: [
        { at: AT, text: 'two' },
        { at: LATER, text: 'three' },
      ],
      done: 2,
      total: 2,
      bytes: bytes + 1,
    });

    expect(await store.get('r1')).toMatchObject({
      state: 'running',
      startedAt: AT,
      progress: { done: 2, total: 2, bytes: bytes + 1 },
      items: [item({ reason: 'moved' }), item({ reference: 'b' })],
    });
    expect(await store.get('r2')).toMatchObject({ items: [] });
    const log = await store.readLog('r1', 0, 2);
    expect(log.map(line => [line.at, line.text])).toEqual([
      [AT, 'one'],
      [AT, 'two'],
    ]);
    const rest = await store.readLog('r1', log[1].id, 10);
    expect(rest.map(line => line.text)).toEqual(['three']);
    expect(await store.readLog('r2', 0, 10)).toEqual([]);
  });

  it('saves more than one statement can hold', async () => {
    const { store, add } = await createStore();
    await add({ id: 'r1' });
    await store.begin('r1', AT);
    const many = Array.from({ length: 6_000 }, (_, n) => n);
    await store.save('r1', 1, {
      ...nothing,
      items: many.map(n => item({ reference: `r${n}` })),
      lines: many.map(n => ({ at: AT, text: `line ${n}` })),
    });

    expect((await store.get('r1'))?.items).toHaveLength(6_000);
    const log = await store.readLog('r1', 0, 10_000);
    expect(log).toHaveLength(6_000);
    expect(log[5_999].text).toBe('line 5999');
  });

  it('lets an old attempt change nothing', async () => {
    const { store, add } = await createStore();
    await add({ id: 'r1' });
    await store.begin('r1', AT);
    await store.save('r1', 1, { ...nothing, done: 7, items: [item({})] });
    expect(await store.begin('r1', LATER)).toMatchObject({ attempt: 2 });
    const before = await store.get('r1');
    expect(before).toMatchObject({ startedAt: AT, progress: { done: 0 } });

    const late: RunChanges = {
      items: [item({ state: 'failed' }), item({ reference: 'new' })],
      lines: [{ at: LATER, text: 'late' }],
      done: 9,
      total: 9,
      bytes: 9,
    };
    expect(await store.save('r1', 1, late)).toBe(false);
    expect(await store.finish('r1', 1, { state: 'succeeded', at: LATER })).toBe(
      false,
    );
    await store.release('r1', 1);
    expect(await store.get('r1')).toEqual(before);
    expect(await store.readLog('r1', 0, 10)).toEqual([]);

    const end = { state: 'failed' as const, at: LATER, error: 'why' };
    expect(await store.finish('r1', 2, end)).toBe(true);
    const ended = await store.get('r1');
    expect(ended).toMatchObject({
      state: 'failed',
      finishedAt: LATER,
      error: 'why',
    });
    expect(await store.save('r1', 2, late)).toBe(false);
    expect(await store.finish('r1', 2, { ...end, state: 'succeeded' })).toBe(
      false,
    );
    await store.release('r1', 2);
    expect(await store.begin('r1', LATER)).toBeUndefined();
    expect(await store.begin('no such run', LATER)).toBeUndefined();
    expect(await store.get('r1')).toEqual(ended);
  });

  it('gives a run back', async () => {
    const { store, add } = await createStore();
    await add({ id: 'r1' });
    await store.begin('r1', AT);
    await store.release('r1', 1);

    expect(await store.get('r1')).toMatchObject({ state: 'queued' });
    expect(await store.begin('r1', LATER)).toMatchObject({ attempt: 2 });
  });

  it('ends a waiting run on cancel, and asks a running one', async () => {
    const { store, add } = await createStore();
    const dequeue = jest.fn(async () => {});
    await add({ id: 'waiting', kind: 'build' });
    await add({ id: 'running' });
    await add({ id: 'ended' });
    await store.begin('running', AT);
    await store.begin('ended', AT);
    await store.finish('ended', 1, { state: 'succeeded', at: AT });
    const cancel = (run: string) => store.requestCancel(run, LATER, dequeue);

    expect(await cancel('running')).toBe('running');
    expect(await cancel('ended')).toBe('succeeded');
    expect(await cancel('none')).toBeUndefined();
    expect(dequeue).not.toHaveBeenCalled();
    expect(await store.isCancelRequested('running')).toBe(true);
    expect(await store.isCancelRequested('ended')).toBe(false);
    expect(await store.isCancelRequested('none')).toBe(false);

    dequeue.mockRejectedValueOnce(new Error('queue away'));
    await expect(cancel('waiting')).rejects.toThrow('queue away');
    expect(await store.get('waiting')).toMatchObject({ state: 'queued' });
    expect(await cancel('waiting')).toBe('cancelled');
    expect(dequeue).toHaveBeenLastCalledWith('build', expect.anything());
    expect(await store.get('waiting')).toMatchObject({
      state: 'cancelled',
      finishedAt: LATER,
    });
    expect(await store.begin('waiting', LATER)).toBeUndefined();
  });

  it('lists what is open, and ends what was lost', async () => {
    const { store, add } = await createStore();
    await add({ id: 'old', createdAt: '2026-11-23T09:00:00.000Z' });
    await add({ id: 'running', createdAt: '2026-11-23T08:00:00.000Z' });
    await add({ id: 'new', createdAt: LATER });
    await add({ id: 'done', createdAt: '2026-11-23T07:00:00.000Z' });
    await store.begin('running', AT);
    await store.begin('done', AT);
    await store.finish('done', 1, { state: 'succeeded', at: AT });

    expect(await store.listOpen(AT)).toEqual([
      { id: 'running', kind: 'sync' },
      { id: 'old', kind: 'sync' },
    ]);
    const ended = await store.abandon(
      ['old', 'running', 'done'],
      LATER,
      'lost',
    );
    expect(ended.map(run => run.id).sort()).toEqual(['old', 'running']);
    expect(ended[0]).toMatchObject({ kind: 'sync', target: 'alpine' });
    for (const run of ['old', 'running']) {
      expect(await store.get(run)).toMatchObject({
        state: 'failed',
        finishedAt: LATER,
        error: 'lost',
      });
    }
    expect(await store.get('new')).toMatchObject({ state: 'queued' });
    expect(await store.get('done')).toMatchObject({ state: 'succeeded' });
  });

  it('knows when each kind last succeeded', async () => {
    const { store, add } = await createStore();
    const ended: Array<[Partial<NewRun> & { id: string }, string, string]> = [
      [{ id: 'a' }, 'succeeded', '2026-11-23T10:01:00.000Z'],
      [{ id: 'b' }, 'succeeded', '2026-11-23T10:02:00.000Z'],
      [{ id: 'c' }, 'failed', '2026-11-23T10:03:00.000Z'],
      [{ id: 'd', dryRun: true }, 'succeeded', '2026-11-23T10:04:00.000Z'],
      [{ id: 'e', kind: 'build' }, 'succeeded', '2026-11-23T10:05:00.000Z'],
      [{ id: 'f', kind: 'lifecycle' }, 'failed', '2026-11-23T10:06:00.000Z'],
    ];
    for (const [run, state, at] of ended) {
      await add(run);
      await store.begin(run.id, AT);
      await store.finish(run.id, 1, { state: state as 'failed', at });
    }

    expect(await store.lastFinished()).toEqual({
      sync: '2026-11-23T10:02:00.000Z',
      build: '2026-11-23T10:05:00.000Z',
    });
  });
});
