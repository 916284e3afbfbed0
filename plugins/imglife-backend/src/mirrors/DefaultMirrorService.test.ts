import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { ConflictError } from '@backstage/errors';
import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import { digestOf, type ImageManifest, RegistryClient } from '@imglife/oci';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import type {
  ImageDigestTable,
  MirrorTagTable,
  PullTable,
} from '../database/tables';
import type { Definitions, MirrorDefinition } from '../definitions/Definitions';
import type { RunContext } from '../runs/RunContext';
import { DatabaseRetentionStore } from '../retention/DatabaseRetentionStore';
import { StubLifecycle } from '../status/__fixtures__/StubLifecycle';
import { DatabaseMirrorStore } from './DatabaseMirrorStore';
import { DefaultMirrorService } from './DefaultMirrorService';
import { MovedTags } from './MovedTags';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const DAY = 86_400_000;
const PLATFORMS = ['linux/amd64', 'linux/arm64'];

describe.each(databases.eachSupportedId())('DefaultMirrorService on %s', id => {
  let knex: Knex;
  let upstream: TestRegistry;
  let own: TestRegistry;
  let clients: Map<string, RegistryClient>;
  let mirrors: MirrorDefinition[];
  let recompute: jest.Mock;
  const publish = jest.fn();
  let clock: number;
  let abort: AbortController;
  let fault: (url: string) => boolean;
  let items: RunItem[];
  let log: string[];
  let posted: unknown[];
  let hooks: Server;
  let progress: { total: number; done: number; bytes: number };

  beforeEach(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    fault = () => false;
    upstream = await TestRegistry.start({
      pageSize: 2,
      intercept: (request, response) => {
        const fails = request.method === 'GET' && fault(request.url ?? '');
        if (fails) {
          response.writeHead(404).end('{"errors":[]}');
        }
        return fails;
      },
    });
    own = await TestRegistry.start();
    clients = new Map(
      [upstream, own].map(({ host }) => [
        host,
        RegistryClient.create({ host, insecure: true }),
      ]),
    );
    hooks = createServer(async (request, response) => {
      posted.push(JSON.parse(await text(request)));
      response.writeHead(request.url === '/good' ? 200 : 400).end();
    });
    await new Promise<void>(done => hooks.listen(0, '127.0.0.1', done));
    mirrors = [mirror('alpine')];
    recompute = jest.fn(async () => {});
    clock = Date.parse('2026-06-01T00:00:00.000Z');
    abort = new AbortController();
  });

  afterEach(async () => {
    await Promise.all([...clients.values()].map(client => client.close()));
    await upstream.stop();
    await own.stop();
    hooks.close();
    await knex.destroy();
  });

  function mirror(name: string, tags = {}): MirrorDefinition {
    return {
      name,
      configPath: 'imglife.mirrors.entries[0]',
      source: { registry: upstream.host, repository: `library/${name}` },
      target: { registry: own.host, repository: `mirrors/${name}` },
      tags: { names: [], regex: '.*', cycles: 'all', ...tags },
      lifecycle: { product: 'alpine-linux', extendedSupport: false },
      hash: '1',
    } as MirrorDefinition;
  }

  async function sync(change: Partial<RunContext> = {}): Promise<RunItem[]> {
    items = [];
    log = [];
    progress = { total: 0, done: 0, bytes: 0 };
    clock += 60_000;
    posted = [];
    publish.mockClear();
    const service = DefaultMirrorService.create({
      kind: change.kind as 'sync' | undefined,
      definitions: { mirrors: { entries: mirrors } } as Definitions,
      registries: {
        clientFor: (host: string) => clients.get(host)!,
      } as never,
      store: DatabaseMirrorStore.create({ knex }),
      lifecycle: new StubLifecycle(),
      recomputer: { recompute },
      imageEvents: { publish },
      now: () => new Date(clock),
      logger: mockServices.logger.mock(),
    });
    await service.run({
      id: `run-${clock}`,
      kind: 'sync',
      dryRun: false,
      force: false,
      actor: 'user:default/guest',
      signal: abort.signal,
      log: line => log.push(line),
      item: item => items.push(item),
      progress: ({ total = 0, done = 0, bytes = 0 }) => {
        progress.total += total;
        progress.done += done;
        progress.bytes += bytes;
      },
      ...change,
    });
    return items;
  }

  const push = (tag: string, content = tag, name = 'alpine') =>
    pushImage(upstream.host, {
      repository: `library/${name}`,
      tag,
      platforms: PLATFORMS,
      layers: platform => [{ 'etc/release': `${content} ${platform}` }],
      created: '2026-05-01T00:00:00Z',
    });

  const rows = () => knex<MirrorTagTable>('mirror_tag').orderBy('tag');
  const pulls = () => knex<PullTable>('pull').orderBy('id');
  const ownReference = (tag: string) => `${own.host}/mirrors/alpine:${tag}`;
  const digestAt = async (
    registry: TestRegistry,
    repository: string,
    tag: string,
  ) =>
    (await clients.get(registry.host)!.headManifest(repository, tag))?.digest;

  it('copies what is selected, every page of it, and records it', async () => {
    for (const tag of ['3.21.3', '3.22.1', '3.23.1', '3.24.1', 'edge']) {
      await push(tag);
    }
    mirrors = [mirror('alpine', { regex: '3\\.\\d+\\.\\d+' })];
    await sync();
    expect(
      items.map(item => [item.reference, item.action, item.state]).sort(),
    ).toEqual(
      ['3.21.3', '3.22.1', '3.23.1', '3.24.1'].map(tag => [
        ownReference(tag),
        'copy',
        'done',
      ]),
    );
    expect(progress).toMatchObject({ total: 4, done: 4 });
    expect(progress.bytes).toBeGreaterThan(0);
    for (const tag of ['3.21.3', '3.24.1']) {
      expect(await digestAt(own, 'mirrors/alpine', tag)).toBe(
        await digestAt(upstream, 'library/alpine', tag),
      );
    }
    expect(await digestAt(own, 'mirrors/alpine', 'edge')).toBeUndefined();
    const [row] = await rows();
    const digest = await digestAt(upstream, 'library/alpine', '3.21.3');
    expect(row).toMatchObject({
      mirror: 'alpine',
      repository: `${own.host}/mirrors/alpine`,
      tag: '3.21.3',
      version: '3.21.3',
      digest,
      upstream_repository: `${upstream.host}/library/alpine`,
      upstream_digest: digest,
      platforms: JSON.stringify(PLATFORMS),
      image_created: '2026-05-01T00:00:00Z',
      state: 'current',
      error: null,
      first_pulled_at: '2026-06-01T00:01:00.000Z',
      pulled_at: '2026-06-01T00:01:00.000Z',
      product: 'alpine-linux',
      cycle: '3.21',
    });
    expect((await pulls())[0]).toMatchObject({
      from_digest: null,
      run_id: 'run-1780272060000',
      actor: 'user:default/guest',
    });
    expect(recompute).toHaveBeenCalledTimes(1);
  });

  it('keeps the chains of every platform', async () => {
    const { digest, children } = await push('3.21.3');
    await sync();
    const chains = await knex<ImageDigestTable>('image_digest').orderBy('id');
    expect(
      chains.map(row => [row.digest, row.root_digest, row.platform]),
    ).toEqual(
      expect.arrayContaining([
        [digest, digest, ''],
        [children[0].digest, digest, 'linux/amd64'],
        [children[1].digest, digest, 'linux/arm64'],
      ]),
    );
    expect(
      chains.filter(row => row.chain_id !== null).map(row => row.layers),
    ).toEqual([1, 1]);
  });

  it('publishes the tag last', async () => {
    await push('3.21.3');
    await sync();
    const writes = own.requests.filter(({ method }) => method === 'PUT');
    const manifests = writes.filter(({ path }) => path.includes('/manifests/'));
    expect(manifests).toHaveLength(3);
    expect(writes.at(-1)?.path).toMatch(/\/manifests\/3\.21\.3$/);
    expect(
      manifests.slice(0, 2).every(({ path }) => path.includes('sha256:')),
    ).toBe(true);
  });

  it('moves nothing when nothing changed', async () => {
    await push('3.21.3');
    await sync();
    own.clearRequests();
    upstream.clearRequests();
    clock += DAY;
    expect(await sync()).toEqual([]);
    expect(own.requests.map(({ method }) => method)).toEqual(['HEAD']);
    expect(
      upstream.requests.filter(
        ({ method, path }) => method !== 'HEAD' && !path.endsWith('/tags/list'),
      ),
    ).toEqual([]);
    const [row] = await rows();
    expect(row.verified_at).toBe('2026-06-02T00:02:00.000Z');
    expect(row.pulled_at).toBe('2026-06-01T00:01:00.000Z');
    expect(await pulls()).toHaveLength(1);
    expect(recompute).toHaveBeenCalledTimes(1);
  });

  it('follows a moved tag, and keeps its history', async () => {
    const before = await push('3.21.3');
    await sync();
    const after = await push('3.21.3', 'again');
    expect(await sync()).toMatchObject([
      {
        action: 'update',
        reason: `upstream moved from ${before.digest}`,
        state: 'done',
      },
    ]);
    expect(await rows()).toMatchObject([
      {
        digest: after.digest,
        first_pulled_at: '2026-06-01T00:01:00.000Z',
        pulled_at: '2026-06-01T00:02:00.000Z',
      },
    ]);
    expect(await pulls()).toMatchObject([
      { from_digest: null, to_digest: before.digest },
      { from_digest: before.digest, to_digest: after.digest },
    ]);
  });

  it('leaves what retention removed, until its rules select it again', async () => {
    await push('3.21.3');
    const { digest } = await push('3.22.1');
    await sync();
    mirrors = [mirror('alpine', { regex: '3\\.22\\..*' })];
    await sync();
    const name = `${own.host}/mirrors/alpine`;
    const store = DatabaseRetentionStore.create({ knex });
    const tag = (await store.tags('mirrors', 'alpine', name)).find(
      each => each.tag === '3.21.3',
    )!;
    expect(tag.isCurrent).toBe(false);
    const client = clients.get(own.host)!;
    await client.deleteManifest('mirrors/alpine', tag.digest);
    const removal = {
      tier: 'mirrors' as const,
      name: 'alpine',
      repository: name,
      tag,
      reason: 'is old',
      runId: 'run',
      actor: 'imglife-due',
      at: '2026-06-01T00:00:00.000Z',
    };
    expect(await store.recordRemoval(removal)).toBe(true);
    expect(await store.recordRemoval(removal)).toBe(false);

    const states = async () =>
      (await rows()).map(row => [
        row.tag,
        row.state,
        row.digest !== null,
        Boolean(row.selected),
      ]);
    await sync();
    await sync({ kind: 'verify' });
    const gone = await digestAt(upstream, 'library/alpine', '3.21.3');
    await clients.get(upstream.host)!.deleteManifest('library/alpine', gone!);
    await sync();
    expect(await states()).toEqual([
      ['3.21.3', 'removed', false, false],
      ['3.22.1', 'current', true, true],
    ]);
    expect(await digestAt(own, 'mirrors/alpine', '3.21.3')).toBeUndefined();

    await push('3.21.3', 'rebuilt');
    mirrors = [{ ...mirror('alpine'), immutable: '.*' }];
    await sync();
    expect(await states()).toEqual([
      ['3.21.3', 'current', true, true],
      ['3.22.1', 'current', true, true],
    ]);
    expect(await digestAt(own, 'mirrors/alpine', '3.22.1')).toBe(digest);
    expect(
      (await pulls()).map(pull => [pull.tag, pull.from_digest]),
    ).toContainEqual(['3.21.3', null]);
  });

  it('keeps a copy whose upstream is gone, and takes it back when it returns', async () => {
    await push('3.21.3');
    await push('3.22.1');
    await sync();
    const client = clients.get(upstream.host)!;
    const digest = await digestAt(upstream, 'library/alpine', '3.21.3');
    await client.deleteManifest('library/alpine', digest!);
    await sync();
    expect(
      (await rows()).map(row => [row.tag, row.state, Boolean(row.selected)]),
    ).toEqual([
      ['3.21.3', 'gone-upstream', false],
      ['3.22.1', 'current', true],
    ]);
    expect(log.join('\n')).toContain('is gone upstream, kept here');
    expect(await digestAt(own, 'mirrors/alpine', '3.21.3')).toBe(digest);
    expect(recompute).toHaveBeenCalledTimes(2);
    await push('3.21.3');
    await sync();
    expect((await rows())[0]).toMatchObject({ state: 'current' });
    expect(recompute).toHaveBeenCalledTimes(3);
  });

  it('records a tag that cannot be copied, with what failed and where', async () => {
    const { digest } = await push('3.21.3');
    await push('3.22.1');
    fault = url => url.endsWith(`/manifests/${digest}`);
    await sync();
    expect(items.map(item => [item.reference, item.state]).sort()).toEqual([
      [ownReference('3.21.3'), 'failed'],
      [ownReference('3.22.1'), 'done'],
    ]);
    expect((await rows())[0]).toMatchObject({
      state: 'failed',
      error: expect.stringContaining(upstream.host),
      digest: null,
    });
    expect(recompute).toHaveBeenCalledTimes(1);
    fault = () => false;
    await sync();
    expect((await rows())[0]).toMatchObject({ state: 'current', error: null });
  });

  it('loses nothing when upstream cannot be listed, and syncs the others', async () => {
    await push('3.21.3');
    await push('12.1', '12.1', 'debian');
    mirrors = [mirror('alpine'), mirror('debian')];
    await sync();
    mirrors = [
      {
        ...mirror('alpine'),
        source: { registry: upstream.host, repository: 'library/nothing' },
      },
      mirror('debian'),
    ];
    await push('12.2', '12.2', 'debian');
    await sync();
    expect(items).toMatchObject([
      {
        reference: `${own.host}/mirrors/alpine`,
        action: 'list',
        state: 'failed',
        error: expect.stringContaining('library/nothing'),
      },
      { reference: `${own.host}/mirrors/debian:12.2`, state: 'done' },
    ]);
    expect((await rows()).find(row => row.tag === '3.21.3')).toMatchObject({
      state: 'current',
    });
  });

  it('names the tags that are declared and not there', async () => {
    await push('3.21.3');
    mirrors = [
      mirror('alpine', { regex: undefined, names: ['3.21.3', '9.9'] }),
    ];
    await sync();
    expect(items).toMatchObject([
      {
        reference: ownReference('9.9'),
        state: 'failed',
        error: `${upstream.host}/library/alpine has no tag 9.9`,
      },
      { reference: ownReference('3.21.3'), state: 'done' },
    ]);
  });

  it('plans without writing anything', async () => {
    await push('3.21.3');
    expect(await sync({ dryRun: true })).toMatchObject([
      { reference: ownReference('3.21.3'), action: 'copy', state: 'planned' },
    ]);
    expect(await rows()).toEqual([]);
    expect(own.requests.every(({ method }) => method === 'HEAD')).toBe(true);
    expect(recompute).not.toHaveBeenCalled();
  });

  it('adopts a copy that was there before it', async () => {
    const { digest } = await push('3.21.3');
    await pushImage(own.host, {
      repository: 'mirrors/alpine',
      tag: '3.21.3',
      platforms: PLATFORMS,
      layers: platform => [{ 'etc/release': `3.21.3 ${platform}` }],
      created: '2026-05-01T00:00:00Z',
    });
    own.clearRequests();
    expect(await sync()).toEqual([]);
    expect(own.requests.some(({ method }) => method === 'PUT')).toBe(false);
    expect(await rows()).toMatchObject([{ digest, state: 'current' }]);
    expect(await knex('image_digest')).toHaveLength(3);
  });

  it('syncs the target of the run alone, and refuses one that is not declared', async () => {
    await push('3.21.3');
    await push('12.1', '12.1', 'debian');
    mirrors = [mirror('alpine'), mirror('debian')];
    await sync({ target: 'debian' });
    expect((await rows()).map(row => row.mirror)).toEqual(['debian']);
    await expect(sync({ target: 'redis' })).rejects.toThrow(/"redis"/);
  });

  it('stops when it is told to, and publishes nothing more', async () => {
    for (let index = 0; index < 20; index += 1) {
      await push(`3.21.${index}`);
    }
    const stopped = sync({
      progress: ({ done }) => {
        if (done) {
          abort.abort(new Error('cancelled'));
        }
      },
    });
    await expect(stopped).rejects.toThrow();
    const published = (await rows()).filter(row => row.digest !== null);
    expect(published.length).toBeGreaterThan(0);
    expect(published.length).toBeLessThan(20);
    expect((await rows()).some(row => row.state === 'failed')).toBe(false);
  });

  it('forgets nothing of what its rules no longer select', async () => {
    await push('3.21.3');
    await push('3.22.1');
    await sync();
    mirrors = [mirror('alpine', { regex: '3\\.22\\.\\d+' })];
    await sync();
    expect((await rows()).map(row => [row.tag, Boolean(row.selected)])).toEqual(
      [
        ['3.21.3', false],
        ['3.22.1', true],
      ],
    );
    mirrors = [mirror('alpine')];
    await sync();
    expect((await rows()).every(row => Boolean(row.selected))).toBe(true);
  });

  const immutable = (change: Partial<MirrorDefinition> = {}) => ({
    ...mirror('alpine'),
    immutable: '3\\.\\d+\\.\\d+',
    ...change,
  });
  const upstreamPaths = () =>
    upstream.requests
      .map(({ path }) => path.replace(/\?.*/, ''))
      .filter(path => !path.endsWith('/tags/list'));

  it('asks upstream of an immutable tag only when verifying, and holds a moved one until it is accepted', async () => {
    mirrors = [immutable()];
    const before = await push('3.21.3');
    await sync();
    const after = await push('3.21.3', 'again');
    upstream.clearRequests();
    await sync();
    expect(upstreamPaths()).toEqual([]);
    expect(await sync({ kind: 'verify' })).toMatchObject([
      { action: 'hold', state: 'skipped' },
    ]);
    expect(await rows()).toMatchObject([
      { state: 'moved', digest: before.digest, pending_digest: after.digest },
    ]);
    upstream.clearRequests();
    await sync();
    expect(upstreamPaths()).toEqual([]);
    const runs = { start: jest.fn(async () => ({ id: 'r' })) };
    const moved = MovedTags.create({
      registries: {
        canonical: name =>
          name.registry === 'cache.example.com'
            ? { ...name, registry: own.host }
            : name,
      },
      store: DatabaseMirrorStore.create({ knex }),
      runs,
      now: () => new Date(clock),
    });
    const alias = ownReference('3.21.3').replace(own.host, 'cache.example.com');
    const accept = (digest: string) =>
      moved.accept({ reference: alias, digest }, 'user:me');
    const refused = accept(before.digest);
    await expect(refused).rejects.toThrow(ConflictError);
    await expect(refused).rejects.toThrow(`${after.digest} waits`);
    expect(runs.start).not.toHaveBeenCalled();
    expect(await accept(after.digest)).toEqual({ id: 'r' });
    expect(await accept(after.digest)).toEqual({ id: 'r' });
    // upstream moves on before what was accepted is copied
    const last = await push('3.21.3', 'once more');
    expect(await sync()).toMatchObject([{ action: 'hold', state: 'skipped' }]);
    expect(await rows()).toMatchObject([
      { state: 'moved', digest: before.digest, pending_digest: last.digest },
    ]);
    const stale = accept(after.digest);
    await expect(stale).rejects.toThrow(`${last.digest} waits`);
    await push('3.21.3', 'again');
    await sync({ kind: 'verify' });
    await sync();
    expect(await rows()).toMatchObject([
      {
        state: 'current',
        digest: after.digest,
        pending_digest: null,
        accepted_by: 'user:me',
      },
    ]);
    expect(await digestAt(own, 'mirrors/alpine', '3.21.3')).toBe(after.digest);
  });

  it('repairs what is missing beneath a right tag when verifying', async () => {
    const { digest, children } = await push('3.21.3');
    await sync();
    const client = clients.get(own.host)!;
    await client.deleteManifest('mirrors/alpine', children[1].digest);
    clock += DAY;
    expect(await sync()).toEqual([]);
    expect(await sync({ kind: 'verify' })).toMatchObject([
      { action: 'repair', state: 'done' },
    ]);
    expect(await digestAt(own, 'mirrors/alpine', children[1].digest)).toBe(
      children[1].digest,
    );
    expect(await pulls()).toMatchObject([
      { from_digest: null, to_digest: digest },
      { from_digest: digest, to_digest: digest },
    ]);
    expect(await rows()).toMatchObject([{ digest, state: 'current' }]);
  });

  /** What a registry in memory holds, to be damaged. */
  const blobsOf = ({ storage }: TestRegistry) =>
    (storage as unknown as { blobs: Map<string, Buffer> }).blobs;

  /** The first layer of an image at the target. */
  async function layerOf(digest: string): Promise<string> {
    const client = clients.get(own.host)!;
    const { manifest } = await client.getManifest('mirrors/alpine', digest);
    return (manifest as ImageManifest).layers[0].digest;
  }

  it.each<[string, (layer: string) => unknown, () => unknown]>([
    [
      'is gone',
      layer => own.storage.unlinkBlob('mirrors/alpine', layer),
      () => {},
    ],
    [
      'was cut short',
      layer => blobsOf(own).set(layer, Buffer.alloc(3)),
      () => {},
    ],
    [
      'is gone where the tag may not be put again',
      layer => own.storage.unlinkBlob('mirrors/alpine', layer),
      () => (own.capabilities.immutableTags = 'puts'),
    ],
  ])('repairs a layer that %s', async (_, damage, prepare) => {
    const { children } = await push('3.21.3');
    await sync();
    const layer = await layerOf(children[0].digest);
    const client = clients.get(own.host)!;
    const sound = await client.headBlob('mirrors/alpine', layer);
    prepare();
    await damage(layer);
    expect(await sync({ kind: 'verify' })).toMatchObject([
      { action: 'repair', state: 'done' },
    ]);
    expect(await client.headBlob('mirrors/alpine', layer)).toEqual(sound);
    expect(await sync({ kind: 'verify' })).toEqual([]);
    expect(await rows()).toMatchObject([{ state: 'current' }]);
  });

  it('does not call sound what it could not repair, until it is', async () => {
    const { children } = await push('3.21.3');
    await sync();
    const layer = await layerOf(children[0].digest);
    const lost = own.fail({
      method: 'HEAD',
      path: new RegExp(`/blobs/${layer}`),
      times: Infinity,
      action: { kind: 'status', status: 404 },
    });
    for (const kind of ['verify', 'sync'] as const) {
      expect((await sync({ kind })).at(-1)).toMatchObject({ state: 'failed' });
      const [{ state, error }] = await rows();
      expect(state).toBe('failed');
      expect(error).toContain(`${ownReference('3.21.3')}: it is still damaged`);
      expect(error).toContain(`blob ${layer} is missing`);
    }
    lost.remove();
    expect(await sync()).toEqual([]);
    expect(await rows()).toMatchObject([{ state: 'current', error: null }]);
  });

  it('plans nothing that the quota of upstream does not allow', async () => {
    mirrors = [{ ...mirror('alpine'), referrers: false }];
    upstream.capabilities.pullQuota = { limit: 1, seconds: 3600 };
    await push('3.21.3');
    await clients.get(upstream.host)!.getManifest('library/alpine', '3.21.3');
    upstream.clearRequests();
    expect(await sync({ dryRun: true })).toMatchObject([
      { action: 'postponed', state: 'skipped' },
    ]);
    // the list of tags, and one HEAD, which is free
    expect(upstream.requests.map(({ method }) => method)).toEqual([
      'GET',
      'HEAD',
    ]);
  });

  it('says that a number of cycles leaves none out where none are known', async () => {
    await push('3.21.3');
    mirrors = [mirror('alpine', { cycles: 1 })];
    await sync();
    expect(log.join('\n')).toContain('no cycles are known of its product');
    mirrors = [mirror('alpine')];
    await sync();
    expect(log.join('\n')).not.toContain('no cycles');
  });

  it('brings an image to a second target from the first', async () => {
    const { digest } = await push('3.21.3');
    const second = {
      ...mirror('alpine'),
      name: 'second',
      target: { registry: own.host, repository: 'second/alpine' },
    };
    mirrors = [mirror('alpine'), second];
    await sync({ target: 'alpine' });
    upstream.clearRequests();
    expect(await sync({ target: 'second' })).toMatchObject([
      { action: 'copy', state: 'done', bytes: 0 },
    ]);
    expect(await digestAt(own, 'second/alpine', '3.21.3')).toBe(digest);
    // its tags and referrers
    expect(upstreamPaths().filter(path => !/referrers/.test(path))).toEqual([
      '/v2/library/alpine/manifests/3.21.3',
    ]);
    const content = await knex('registry_content').orderBy('repository');
    expect(new Set(content.map(row => row.repository))).toEqual(
      new Set(['mirrors/alpine', 'second/alpine']),
    );
  });

  it('judges drift of a part of the platforms against upstream', async () => {
    mirrors = [{ ...mirror('alpine'), platforms: ['linux/arm64'] }];
    const { digest } = await push('3.21.3');
    await sync();
    const [row] = await rows();
    expect(row).toMatchObject({
      upstream_digest: digest,
      platforms: '["linux/arm64"]',
      wanted_platforms: 'linux/arm64',
    });
    expect(row.digest).not.toBe(digest);
    clock += DAY;
    expect(await sync()).toEqual([]);
    mirrors = [mirror('alpine')];
    expect(await sync()).toMatchObject([{ state: 'done' }]);
    expect(await rows()).toMatchObject([{ digest, wanted_platforms: '' }]);
  });

  it('changes nothing when fewer tags are selected than asked for', async () => {
    await push('3.21.3');
    await sync();
    mirrors = [mirror('alpine', { regex: '4.*', atLeast: 1 })];
    expect(await sync()).toMatchObject([{ action: 'list', state: 'failed' }]);
    expect(await rows()).toMatchObject([{ state: 'current' }]);
  });

  it('waits for a minimum age, reckoned from when the image was made', async () => {
    mirrors = [mirror('alpine', { minAgeMs: 40 * DAY })];
    await push('3.21.3');
    expect(await sync()).toEqual([]);
    upstream.clearRequests();
    clock += 10 * DAY;
    await sync({ dryRun: true });
    expect(items).toMatchObject([{ state: 'planned', action: 'copy' }]);
    expect(await sync()).toMatchObject([{ action: 'copy', state: 'done' }]);
    clock += 40 * DAY;
    expect(await sync()).toEqual([]);
  });

  it('says in a dry run what it would do with every tag, and writes nothing', async () => {
    await push('3.21.3');
    await push('3.22.0-rc1');
    own.clearRequests();
    await sync({ dryRun: true });
    expect(items).toMatchObject([
      { reason: 'not selected: is a prerelease', state: 'skipped' },
      { action: 'copy', state: 'planned', bytes: expect.any(Number) },
    ]);
    expect(items[1].bytes).toBeGreaterThan(0);
    expect(own.requests.every(({ method }) => method === 'HEAD')).toBe(true);
    expect(await rows()).toEqual([]);
  });

  it('names tags by a template, refuses collisions, and tells hooks', async () => {
    await push('3.21.3');
    const { port } = hooks.address() as AddressInfo;
    const hooked = {
      webhooks: ['good', 'bad'].map(path => `http://127.0.0.1:${port}/${path}`),
    };
    mirrors = [
      { ...mirror('alpine', { targetTag: 'up-{{ tag }}' }), ...hooked },
    ];
    await sync();
    const digest = await digestAt(own, 'mirrors/alpine', 'up-3.21.3');
    expect(await rows()).toMatchObject([
      { tag: 'up-3.21.3', upstream_tag: '3.21.3', version: '3.21.3' },
    ]);
    expect(items).toMatchObject([
      { action: 'copy', state: 'done' },
      { action: 'hook', state: 'skipped' },
    ]);
    expect(log.join('\n')).toContain('it answered 400');
    expect(publish.mock.calls).toEqual([
      [
        'imglife.mirror.moved',
        {
          mirror: 'alpine',
          reference: ownReference('up-3.21.3'),
          digest,
          previousDigest: null,
        },
      ],
    ]);
    expect(posted).toHaveLength(2);
    expect(posted.slice(0, 1)).toMatchObject([
      {
        mirror: 'alpine',
        changes: [
          {
            reference: ownReference('up-3.21.3'),
            digest,
            previousDigest: null,
          },
        ],
      },
    ]);
    await push('3.22.1');
    mirrors = [mirror('alpine', { targetTag: 'one' })];
    expect(await sync()).toMatchObject([
      { state: 'failed', error: expect.stringContaining('would both be one') },
    ]);
  });

  it('holds a moved tag that is gone from the target too', async () => {
    mirrors = [immutable()];
    const before = await push('3.21.3');
    await sync();
    await push('3.21.3', 'again');
    await clients
      .get(own.host)!
      .deleteManifest('mirrors/alpine', before.digest);
    expect(await sync()).toMatchObject([{ action: 'hold', state: 'skipped' }]);
    expect(await digestAt(own, 'mirrors/alpine', '3.21.3')).toBeUndefined();
    expect(await rows()).toMatchObject([
      { state: 'moved', digest: before.digest },
    ]);
  });

  it('brings signatures that come after their image, for a day and when verifying', async () => {
    const { digest } = await push('3.21.3');
    await sync();
    const sign = async (says: string) => {
      const client = clients.get(upstream.host)!;
      const empty = Buffer.from('{}');
      const config = {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: digestOf(empty),
        size: 2,
      };
      await client.putBlob('library/alpine', config, () => empty);
      const subject = await client.headManifest('library/alpine', digest);
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const bytes = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType,
          artifactType: 'application/x.signature',
          config,
          layers: [],
          subject,
          annotations: { says },
        }),
      );
      await client.putManifest(
        'library/alpine',
        digestOf(bytes),
        bytes,
        mediaType,
      );
    };
    const signatures = async () =>
      (
        await clients.get(own.host)!.listReferrers('mirrors/alpine', digest)
      ).map(each => each.annotations?.says);
    await sign('soon');
    expect(await sync()).toMatchObject([
      { action: 'referrers', state: 'done' },
    ]);
    expect(await signatures()).toEqual(['soon']);
    expect(await sync()).toEqual([]);
    clock += 2 * DAY;
    await sign('late');
    upstream.clearRequests();
    expect(await sync()).toEqual([]);
    // the list of tags, and one HEAD: two requests for a tag at rest
    expect(upstream.requests.map(({ method }) => method)).toEqual([
      'GET',
      'HEAD',
    ]);
    await sync({ kind: 'verify' });
    expect(await signatures()).toEqual(['soon', 'late']);
  });

  it('compares on, and copies later, when the quota of upstream is used up', async () => {
    await push('3.21.3');
    mirrors = [{ ...mirror('alpine'), referrers: false }];
    upstream.capabilities.pullQuota = { limit: 3, seconds: 3600 };
    await sync();
    expect(items).toMatchObject([{ state: 'done' }]);
    await push('3.22.1');
    expect(await sync()).toMatchObject([
      {
        reference: ownReference('3.22.1'),
        action: 'postponed',
        state: 'skipped',
        error: null,
      },
    ]);
    expect(await rows()).toMatchObject([
      {
        tag: '3.21.3',
        state: 'current',
        verified_at: '2026-06-01T00:02:00.000Z',
      },
    ]);
  });

  it('does not believe an image that says it was made in 1970', async () => {
    await pushImage(upstream.host, {
      repository: 'library/alpine',
      tag: '3.21.3',
      platforms: PLATFORMS,
      created: '1970-01-01T00:00:00Z',
    });
    mirrors = [mirror('alpine', { minAgeMs: 2 * DAY })];
    await sync();
    expect(await rows()).toEqual([]);
    clock += 2 * DAY;
    await sync();
    expect(await rows()).toMatchObject([{ tag: '3.21.3', state: 'current' }]);
  });

  it('stops a copy that is under way, and leaves no upload open', async () => {
    await push('3.21.3');
    own.fail({
      method: 'PUT',
      path: /blobs\/uploads/,
      times: Infinity,
      action: { kind: 'slow', rate: 1 },
    });
    const running = sync();
    const waitFor = async (isTrue: () => boolean) => {
      for (let tries = 0; !isTrue() && tries < 500; tries += 1) {
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      expect(isTrue()).toBe(true);
    };
    await waitFor(() => own.requests.some(({ method }) => method === 'PUT'));
    abort.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
    await waitFor(() => own.requests.some(({ method }) => method === 'DELETE'));
    own.clearFaults();
    for (let tries = 0; tries < 200; tries += 1) {
      if (!(await own.openUploads()).length) {
        break;
      }
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    expect(await own.openUploads()).toEqual([]);
    expect(await digestAt(own, 'mirrors/alpine', '3.21.3')).toBeUndefined();
  });
});
