import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import { connectDatabase } from '../database/connectDatabase';
import type { RunContext } from '../runs/RunContext';
import { fixtureAnswers } from './__fixtures__/fixtureProducts';
import { DatabaseLifecycleStore } from './DatabaseLifecycleStore';
import {
  DefaultLifecycleService,
  type DefaultLifecycleServiceOptions,
} from './DefaultLifecycleService';

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
const folder = mkdtempSync(join(tmpdir(), 'imglife-lifecycle-'));

afterAll(() => rmSync(folder, { recursive: true }));

function createContext(values: Partial<RunContext> = {}) {
  const items: RunItem[] = [];
  const progress = { total: 0, done: 0 };
  const context: RunContext = {
    id: 'r1',
    kind: 'lifecycle',
    dryRun: false,
    force: false,
    actor: 'user:default/guest',
    signal: new AbortController().signal,
    log: () => undefined,
    item: item => items.push(item),
    progress: ({ total = 0, done = 0 }) => {
      progress.total += total;
      progress.done += done;
    },
    ...values,
  };
  return { context, items, progress };
}

/** Answers as the API does; a name in `down` gets a 500. */
function createApi(down: Set<string>) {
  const asked: string[] = [];
  const answers: Record<string, object> = fixtureAnswers;
  const api: typeof fetch = async input => {
    const name = String(input).split('/').at(-1) ?? '';
    asked.push(name);
    if (down.has(name)) {
      return new Response('', { status: 500 });
    }
    return answers[name]
      ? Response.json(answers[name])
      : new Response('', { status: 404 });
  };
  return { api, asked };
}

describe('DefaultLifecycleService', () => {
  async function createService(
    values: Partial<DefaultLifecycleServiceOptions> = {},
  ) {
    const knex = await databases.init('SQLITE_3');
    await connectDatabase(mockServices.database({ knex }));
    const clock = { now: new Date('2026-11-23T00:00:00Z') };
    const down = new Set<string>();
    const { api, asked } = createApi(down);
    const store = DatabaseLifecycleStore.create({ knex });
    const service = DefaultLifecycleService.create({
      store,
      url: 'https://eol.example.com/api/v1',
      definitions: {
        mirrors: {
          entries: [
            {
              source: { registry: 'docker.io', repository: 'library/node' },
              lifecycle: { extendedSupport: false },
            },
            {
              source: { registry: '127.0.0.1:5401', repository: 'x' },
              lifecycle: { product: 'alpine', extendedSupport: false },
            },
          ],
        },
      },
      now: () => clock.now,
      logger: mockServices.logger.mock(),
      fetch: api,
      ...values,
    });
    return { service, store, clock, down, asked };
  }

  it('knows the built-in products after the start', async () => {
    const { service } = await createService();

    await service.seed();

    const data = await service.load();
    expect(data.ageDays).toBe(93);
    const source = { registry: 'docker.io', repository: 'library/golang' };
    expect(data.productOf(source)).toBe('go');
    expect(data.cyclesOf('ubuntu', 'noble-20240827.1').cycle).toBe('24.04');
    expect(data.cyclesOfProduct('alpine-linux')[0].name).toBe('3.24');
  });

  it('refreshes what is in use, and keeps the old data of what failed', async () => {
    const { service, store, down, asked } = await createService();
    await service.seed();
    await service.load();
    down.add('nodejs');
    const { context, items, progress } = createContext();

    await expect(service.refresh(context)).rejects.toThrow(
      /could not be refreshed for nodejs, ubuntu/,
    );

    expect(asked).toEqual(['alpine-linux', 'debian', 'nodejs', 'ubuntu']);
    expect(progress).toEqual({ total: 4, done: 4 });
    expect(items).toEqual([
      expect.objectContaining({ reference: 'alpine-linux', state: 'done' }),
      expect.objectContaining({ reference: 'debian', state: 'done' }),
      expect.objectContaining({
        reference: 'nodejs',
        state: 'failed',
        error: expect.stringContaining('answered 500'),
      }),
      expect.objectContaining({
        reference: 'ubuntu',
        state: 'failed',
        error: expect.stringContaining('answered 404'),
      }),
    ]);
    const stored = new Map(
      (await store.readAll()).map(product => [product.name, product]),
    );
    expect(stored.get('debian')).toMatchObject({
      source: 'api',
      fetchedAt: '2026-11-23T00:00:00.000Z',
    });
    expect(stored.get('nodejs')).toMatchObject({
      source: 'snapshot',
      fetchedAt: '2026-08-22T00:00:00.000Z',
      error: expect.stringContaining('500'),
    });
    const data = await service.load();
    expect(data.ageDays).toBe(93);
    expect(data.cyclesOf('nodejs', '24.1.0').cycle).toBe('24');
  });

  it('refreshes one product, writes nothing on a dry run, stops on cancel', async () => {
    const { service, store, asked } = await createService();

    await service.refresh(createContext({ target: 'debian' }).context);
    expect(asked).toEqual(['debian']);

    const dry = createContext({ target: 'nodejs', dryRun: true });
    await service.refresh(dry.context);
    expect(dry.items).toEqual([
      expect.objectContaining({ reference: 'nodejs', state: 'planned' }),
    ]);
    expect((await store.readAll()).map(({ name }) => name)).toEqual(['debian']);

    const signal = AbortSignal.abort(new Error('cancelled'));
    await expect(
      service.refresh(createContext({ signal }).context),
    ).rejects.toThrow('cancelled');
    expect(asked).toEqual(['debian']);
  });

  it('asks nobody without a URL', async () => {
    const { service, asked } = await createService({ url: undefined });
    await service.seed();

    await service.refresh(createContext().context);

    expect(asked).toEqual([]);
    expect((await service.load()).ageDays).toBe(93);
  });

  it('reads the tables once in ten seconds, and after a refresh', async () => {
    const { service, store, clock } = await createService();
    await service.seed();
    const readAll = jest.spyOn(store, 'readAll');

    await Promise.all([service.load(), service.load()]);
    clock.now = new Date(clock.now.getTime() + 9_999);
    await service.load();
    expect(readAll).toHaveBeenCalledTimes(1);

    clock.now = new Date(clock.now.getTime() + 1);
    await service.load();
    expect(readAll).toHaveBeenCalledTimes(2);

    readAll.mockRejectedValueOnce(new Error('database away'));
    await service.refresh(createContext({ target: 'debian' }).context);
    await expect(service.load()).rejects.toThrow('database away');
    const data = await service.load();
    expect(data.cyclesOfProduct('debian')).toHaveLength(18);
  });

  it('lays own facts over the rest, and keeps them while the file is bad', async () => {
    const overridesFile = join(folder, 'own.json');
    const own = {
      result: {
        name: 'debian',
        releases: [{ name: '12', codename: 'Bookworm', eolFrom: '2030-01-01' }],
      },
    };
    writeFileSync(overridesFile, JSON.stringify([own]));
    const { service } = await createService({ overridesFile });
    await service.seed();
    const judge = async () => {
      const data = await service.load();
      return data.judge(data.cyclesOf('debian', 'bookworm'), {
        now: new Date('2026-11-23'),
        warnDays: 30,
      });
    };
    expect(await judge()).toMatchObject({
      support: 'supported',
      eolDate: '2030-01-01',
    });

    writeFileSync(overridesFile, '{"result":{"name":"debian"}}');
    const { context, items } = createContext({ target: 'debian' });
    await expect(service.refresh(context)).rejects.toThrow(/overrides/);
    expect(items).toEqual([
      expect.objectContaining({
        reference: 'overrides',
        state: 'failed',
        error: expect.stringContaining('product 1 has no name or no releases'),
      }),
      expect.objectContaining({ reference: 'debian', state: 'done' }),
    ]);
    expect(await judge()).toMatchObject({ eolDate: '2030-01-01' });
    await expect(service.seed()).rejects.toThrow(/own\.json/);
  });
});
