import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { RunState } from '@imglife/backstage-plugin-imglife-common';
import { randomUUID } from 'node:crypto';
import { connectDatabase } from '../database/connectDatabase';
import { DatabaseDefinitionStore } from '../definitions/DatabaseDefinitionStore';
import { declaredEntries } from '../definitions/declaredEntries';
import type { Definitions } from '../definitions/Definitions';
import { DatabaseRunStore } from './DatabaseRunStore';
import { DefaultRunService } from './DefaultRunService';
import { DueWork } from './DueWork';
import type { RunQueue } from './RunQueue';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const definitions = {
  mirrors: {
    verify: { frequencyMs: 24 * HOUR, timeoutMs: HOUR },
    schedule: { frequencyMs: HOUR, timeoutMs: HOUR },
    entries: [
      {
        name: 'alpine',
        hash: 'm1',
        configPath: 'alpine',
        source: {},
        lifecycle: {},
      },
      {
        name: 'node',
        hash: 'm2',
        configPath: 'node',
        source: {},
        lifecycle: {},
      },
    ],
  },
  bases: {
    schedule: { frequencyMs: 6 * HOUR, timeoutMs: HOUR },
    entries: [
      {
        name: 'core',
        hash: 'b1',
        configPath: 'core',
        from: { mirror: 'alpine' },
      },
      { name: 'web', hash: 'b2', configPath: 'web', from: { mirror: 'node' } },
    ],
  },
  applications: {
    scan: { schedule: { frequencyMs: 6 * HOUR, timeoutMs: HOUR } },
  },
  tiers: {},
  lifecycle: { schedule: { frequencyMs: 24 * HOUR, timeoutMs: HOUR } },
  retention: {
    schedule: { frequencyMs: 24 * HOUR, timeoutMs: HOUR },
    bases: {},
  },
} as Definitions;

const everything = [
  'build core',
  'build web',
  'lifecycle',
  'sync alpine',
  'sync node',
];

/** Scans, verify rounds and retention wait for the others, and are tested by themselves. */
function entriesOf(declared: Definitions) {
  return declaredEntries(declared).filter(
    entry => !['scan', 'verify', 'retention'].includes(entry.kind),
  );
}

// What a queue does with a run is tested with the queues.
const openQueue: RunQueue = {
  start: async () => {},
  send: async () => true,
  wake: () => {},
  remove: async () => {},
  findLost: async () => [],
  stop: async () => {},
};

describe.each(databases.eachSupportedId())('DueWork on %s', id => {
  async function createDueWork() {
    const knex = await databases.init(id);
    await connectDatabase(mockServices.database({ knex }));
    let time = Date.parse('2026-11-23T10:00:00.000Z');
    const now = () => new Date(time);
    const logger = mockServices.logger.mock();
    const declared = DatabaseDefinitionStore.create({ knex, now });
    const options = { knex, store: declared, now, logger };
    const dueWork = DueWork.create({ ...options, definitions });
    const store = DatabaseRunStore.create({ knex });
    const runs = DefaultRunService.create({
      store,
      queue: openQueue,
      handlers: [],
      timeoutsMs: {
        sync: HOUR,
        build: HOUR,
        lifecycle: HOUR,
        scan: HOUR,
        verify: HOUR,
        retention: HOUR,
        restore: HOUR,
      },
      targets: {
        sync: ['alpine', 'node'],
        build: ['core', 'web'],
        lifecycle: [],
        scan: [],
        verify: ['alpine', 'debian'],
        retention: ['bases'],
        restore: 'any',
      },
      onEnd: dueWork.onEnd,
      newId: randomUUID,
      now,
      logger,
    });
    const known = new Set<string>();
    /** Queues what is due; answers what is new, by name. */
    const queue = async () => {
      await dueWork.queue(runs);
      const { items } = await runs.list({ limit: 500 });
      const added = items.filter(run => !known.has(run.id));
      added.forEach(run => known.add(run.id));
      return added
        .map(run => [run.kind, run.target].filter(Boolean).join(' '))
        .sort();
    };
    /** Ends every open run, failed where its target is named. */
    const endAll = async (
      failed: string[] = [],
      state: RunState = 'failed',
    ) => {
      const { items } = await runs.list({ state: 'queued', limit: 500 });
      for (const { id: run, target } of items) {
        const begun = (await store.begin(run, now().toISOString()))!;
        const end = {
          state: failed.includes(target ?? '') ? state : 'succeeded',
          at: now().toISOString(),
        } as const;
        await store.finish(run, 1, end);
        await dueWork.onEnd(begun, end);
      }
    };
    await declared.declare(entriesOf(definitions));
    return {
      knex,
      declared,
      dueWork,
      runs,
      queue,
      endAll,
      pass: (ms: number) => {
        time += ms;
      },
      now,
    };
  }

  it('queues everything once, and again after its interval', async () => {
    const { queue, endAll, pass, runs } = await createDueWork();
    expect(await queue()).toEqual(everything);
    const { items } = await runs.list({});
    expect(items[0]).toMatchObject({
      trigger: 'schedule',
      actor: 'imglife-due',
      dryRun: false,
    });
    expect(items.find(run => run.kind === 'lifecycle')?.target).toBeNull();
    expect(await queue()).toEqual([]);
    await endAll();
    expect(await queue()).toEqual([]);

    pass(HOUR - 1);
    expect(await queue()).toEqual([]);
    pass(1);
    expect(await queue()).toEqual(['sync alpine', 'sync node']);
    await endAll();
    pass(5 * HOUR);
    expect(await queue()).toEqual([
      'build core',
      'build web',
      'sync alpine',
      'sync node',
    ]);
    await endAll();
    pass(18 * HOUR);
    expect(await queue()).toEqual(everything);
  });

  it('scans once the first syncs and builds are through, then by interval', async () => {
    const { declared, queue, endAll, pass } = await createDueWork();
    await declared.declare(declaredEntries(definitions));
    expect(await queue()).toEqual(everything);
    expect(await queue()).toEqual([]);
    await endAll();
    expect(await queue()).toEqual(['scan']);
    await endAll();
    pass(6 * HOUR);
    expect(await queue()).toContain('scan');
  });

  it('scans after an hour whatever still runs', async () => {
    const { declared, queue, pass } = await createDueWork();
    await declared.declare(declaredEntries(definitions));
    await queue();
    pass(HOUR);
    expect(await queue()).toContain('scan');
  });

  it('deletes nothing before there was a day for a dry run, and backs off', async () => {
    const { declared, queue, dueWork, runs, pass, now } = await createDueWork();
    const entry = declaredEntries(definitions).filter(
      ({ kind }) => kind === 'retention',
    );
    await declared.declare(entry);
    expect(await queue()).toEqual([]);
    pass(24 * HOUR - 1);
    expect(await queue()).toEqual([]);
    pass(1);
    expect(await queue()).toEqual(['retention']);
    const { items } = await runs.list({});
    const run = { ...items[0], target: undefined, force: false, attempt: 1 };
    const failed = { state: 'failed' as const, at: now().toISOString() };
    // a part of it says nothing of the whole, and a restore nothing at all
    await dueWork.onEnd({ ...run, target: 'bases' }, failed);
    await dueWork.onEnd({ ...run, kind: 'restore', target: 'r/x:1' }, failed);
    expect(await declared.list()).toMatchObject([{ failures: 0 }]);
    await dueWork.onEnd(run, failed);
    expect(await declared.list()).toMatchObject([{ failures: 1 }]);

    // other rules are no reason to begin earlier
    await declared.declare(
      declaredEntries({
        ...definitions,
        retention: { ...definitions.retention, mirrors: {} as never },
      }).filter(({ kind }) => kind === 'retention'),
    );
    expect(await queue()).toEqual([]);
    const none = { schedule: definitions.retention.schedule };
    expect(
      declaredEntries({ ...definitions, retention: none }).filter(
        ({ kind }) => kind === 'retention',
      ),
    ).toEqual([]);
  });

  it('queues nothing twice while it waits', async () => {
    const { queue, pass, runs } = await createDueWork();
    await runs.start(
      { kind: 'sync', target: 'alpine' },
      { trigger: 'user', actor: 'user:default/guest' },
    );
    expect(await queue()).toEqual(everything);
    pass(25 * HOUR);

    expect(await queue()).toEqual([]);
    expect((await runs.list({})).totalItems).toBe(5);
  });

  it('queues what was declared anew or otherwise, within a round', async () => {
    const { declared, queue, endAll } = await createDueWork();
    await queue();
    await endAll();
    const entries = entriesOf(definitions).map(entry =>
      entry.name === 'core' ? { ...entry, hash: 'b1-changed' } : entry,
    );
    await declared.declare(entries);
    expect(await queue()).toEqual(['build core']);
    await endAll();
    expect(await queue()).toEqual([]);

    await declared.declare(entries.filter(entry => entry.name !== 'web'));
    expect(await queue()).toEqual([]);
    await declared.declare(entries);
    expect(await queue()).toEqual(['build web']);
  });

  it('queues a base when its mirror moved, once', async () => {
    const { knex, queue, endAll, pass, now } = await createDueWork();
    const pull = async (tag: string, at: string | null) =>
      knex('mirror_tag').insert({
        mirror: 'alpine',
        repository: 'registry.example/alpine',
        tag,
        upstream_repository: 'docker.io/library/alpine',
        upstream_tag: tag,
        state: 'current',
        pulled_at: at,
      });
    await pull('3.20', now().toISOString());
    pass(MINUTE);
    await queue();
    await endAll();
    pass(MINUTE);
    await pull('3.22', null);
    expect(await queue()).toEqual([]);

    await pull('3.21', now().toISOString());
    pass(1_000);
    expect(await queue()).toEqual(['build core']);
    await endAll();
    pass(1_000);
    expect(await queue()).toEqual([]);
  });

  it('waits longer after each failure in a row', async () => {
    const { queue, endAll, pass } = await createDueWork();
    await queue();
    await endAll(['alpine']);
    for (const seconds of [30, 60, 120, 240]) {
      pass(seconds * 1_000 - 1);
      expect(await queue()).toEqual([]);
      pass(1);
      expect(await queue()).toEqual(['sync alpine']);
      await endAll(['alpine']);
    }
    pass(480_000);
    expect(await queue()).toEqual(['sync alpine']);
    await endAll();
    pass(10 * MINUTE);
    expect(await queue()).toEqual([]);
  });

  it('tries a changed definition at once, and what was cancelled later', async () => {
    const { declared, queue, endAll } = await createDueWork();
    await queue();
    await endAll(['alpine', 'core'], 'failed');
    await declared.declare(
      entriesOf(definitions).map(entry =>
        entry.name === 'core' ? { ...entry, hash: 'mended' } : entry,
      ),
    );
    expect(await queue()).toEqual(['build core']);
    await endAll(['core'], 'cancelled');

    expect(await queue()).toEqual([]);
    const entries = await declared.list();
    const failures = entries.map(entry => [entry.name, entry.failures]);
    expect(Object.fromEntries(failures)).toEqual({
      all: 0,
      alpine: 1,
      core: 0,
      node: 0,
      web: 0,
    });
  });

  it('counts only real runs of one entry', async () => {
    const { declared, dueWork, now } = await createDueWork();
    const run = {
      id: 'r1',
      kind: 'sync' as const,
      dryRun: false,
      force: false,
      actor: 'user:default/guest',
      attempt: 1,
    };
    const failed = { state: 'failed' as const, at: now().toISOString() };
    await dueWork.onEnd(run, failed);
    await dueWork.onEnd({ ...run, target: 'alpine', dryRun: true }, failed);
    await dueWork.onEnd({ ...run, target: 'no such mirror' }, failed);
    expect((await declared.list()).map(entry => entry.failures)).toEqual([
      0, 0, 0, 0, 0,
    ]);

    await dueWork.onEnd({ ...run, kind: 'lifecycle' }, failed);
    expect(
      (await declared.list()).find(entry => entry.kind === 'lifecycle'),
    ).toMatchObject({ failures: 1, retry_at: '2026-11-23T10:00:30.000Z' });
  });
});
