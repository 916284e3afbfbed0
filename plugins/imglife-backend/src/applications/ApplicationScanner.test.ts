import { ConfigReader } from '@backstage/config';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import { RegistryClient } from '@imglife/oci';
import {
  pushImage,
  TestRegistry,
  type PushImageOptions,
} from '@imglife/test-registry';
import type { Knex } from 'knex';
import { DatabaseAdoptionStore } from '../adoption/DatabaseAdoptionStore';
import { DefaultPathAdopter } from '../adoption/DefaultPathAdopter';
import { connectDatabase } from '../database/connectDatabase';
import { readDefinitions } from '../definitions/readDefinitions';
import { DefaultRegistries } from '../registries/DefaultRegistries';
import type { RunContext } from '../runs/RunContext';
import { StubLifecycle } from '../status/__fixtures__/StubLifecycle';
import { ApplicationScanner } from './ApplicationScanner';
import { DatabaseApplicationStore } from './DatabaseApplicationStore';
import { DefaultApplicationService } from './DefaultApplicationService';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const BASE_TAG = '3.21.3-core1.0.0';

describe.each(databases.eachSupportedId())('ApplicationScanner on %s', id => {
  let knex: Knex;
  let registry: TestRegistry;
  let fault: (url: string) => number | undefined;
  let registries: DefaultRegistries;
  let scanner: ApplicationScanner;
  let service: DefaultApplicationService;
  let recompute: jest.Mock;
  let items: RunItem[];
  let client: RegistryClient;

  beforeEach(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    fault = () => undefined;
    registry = await TestRegistry.start({
      pageSize: 2,
      intercept: (request, response) => {
        const status = fault(request.url ?? '');
        if (status) {
          response.writeHead(status).end('{}');
        }
        return status !== undefined;
      },
    });
    client = RegistryClient.create({ host: registry.host, insecure: true });
    recompute = jest.fn(async () => {});
    build();
    await push({
      repository: 'mirrors/alpine',
      tag: '3.21.3',
      from: undefined,
    });
    await push({
      repository: 'bases/alpine',
      tag: BASE_TAG,
      from: { repository: 'mirrors/alpine', reference: '3.21.3' },
    });
    await push({ repository: 'apps/shop', tag: '1.0.0' });
    await push({
      repository: 'apps/shop',
      tag: '1.1.0',
      created: '2026-05-02',
    });
    await push({ repository: 'apps/deep/cart', tag: 'latest' });
    await push({ repository: 'other/thing', tag: '1' });
  });

  afterEach(async () => {
    await client.close();
    await registries.close();
    await registry.stop();
    await knex.destroy();
  });

  function build() {
    const { host } = registry;
    const definitions = readDefinitions(
      new ConfigReader({
        imglife: {
          registries: [{ host, insecure: true }],
          tiers: {
            mirrors: `${host}/mirrors`,
            bases: `${host}/bases`,
            applications: [`${host}/apps`, `${host}/named/one`],
          },
          mirrors: {
            entries: [
              {
                source: `${host}/library/alpine`,
                tags: { names: ['3.21.3'] },
                lifecycle: { product: 'alpine-linux' },
              },
            ],
          },
          bases: {
            entries: [
              {
                name: 'alpine',
                from: { mirror: 'alpine', track: 'latest' },
                template: 'FROM {{ mirror.reference }}\nLABEL a=b',
              },
            ],
          },
        },
      }),
    );
    const store = DatabaseApplicationStore.create({ knex });
    registries = DefaultRegistries.create({ definitions });
    const now = () => new Date('2026-06-01T00:00:00.000Z');
    const room = { definitions, registries, store, now };
    service = DefaultApplicationService.create({
      ...room,
      entities: { owners: async () => [] },
      recomputer: { recompute },
      logger: mockServices.logger.mock(),
    });
    scanner = ApplicationScanner.create({
      ...room,
      applications: service,
      recomputer: { recompute },
      adopter: DefaultPathAdopter.create({
        ...room,
        lifecycle: new StubLifecycle(),
        store: DatabaseAdoptionStore.create({ knex }),
      }),
    });
  }

  async function push(options: Partial<PushImageOptions>) {
    const { repository = 'apps/shop', tag = '1.0.0' } = options;
    return pushImage(registry.host, {
      platforms: ['linux/amd64'],
      layers: [{ 'srv/name': `${repository}:${tag}:${options.created}` }],
      created: '2026-05-01T00:00:00Z',
      from: { repository: 'bases/alpine', reference: BASE_TAG },
      ...options,
      repository,
      tag,
    });
  }

  async function scan(change: Partial<RunContext> = {}) {
    items = [];
    await scanner.run(context(change));
    return items
      .map(item =>
        [item.action, item.reference.replace(registry.host, ''), item.state]
          .join(' ')
          .trim(),
      )
      .sort();
  }

  function context(change: Partial<RunContext> = {}): RunContext {
    return {
      id: '1',
      kind: 'scan',
      dryRun: false,
      force: false,
      actor: 'imglife-due',
      signal: new AbortController().signal,
      log: () => {},
      item: item => items.push(item),
      progress: () => {},
      ...change,
    };
  }

  async function rows() {
    const found = await knex('application').orderBy(['repository', 'tag']);
    return found.map(row => [
      `${row.repository}:${row.tag}`.replace(`${registry.host}/`, ''),
      row.state,
      Boolean(row.discovered),
      row.base_version,
    ]);
  }

  const remove = async (repository: string, tag: string) => {
    const found = await client.headManifest(repository, tag);
    await client.deleteManifest(repository, found!.digest);
  };

  it('adopts a tag that a build has met and could not move', async () => {
    await knex('base_tag').insert({
      name: 'alpine',
      kind: 'core',
      repository: `${registry.host}/bases/alpine`,
      tag: BASE_TAG,
      family: '3|',
      upstream_version: '3.21.3',
      core_version: '1.0.0',
      version_key: 'k',
      state: 'failed',
      error: 'raise coreVersion of base alpine',
    });
    await scan();
    expect(await knex('base_tag')).toMatchObject([
      {
        tag: BASE_TAG,
        digest: expect.stringContaining('sha256:'),
        state: 'published',
        error: null,
        reasons: '["adopted"]',
      },
    ]);
    expect(await scan()).toEqual([]);
  });

  it('adopts what retention removed and others pushed again', async () => {
    await scan();
    await knex('mirror_tag').update({ state: 'removed', digest: null });
    await knex('base_tag').update({ state: 'removed', digest: null });
    expect(await scan()).toEqual([
      `adopt /bases/alpine:${BASE_TAG} done`,
      'adopt /mirrors/alpine:3.21.3 done',
    ]);
    const there = {
      state: 'current',
      digest: expect.stringContaining('sha256:'),
    };
    expect(await knex('mirror_tag')).toMatchObject([there]);
    expect(await knex('base_tag')).toMatchObject([
      { ...there, state: 'published' },
    ]);
    expect(await scan()).toEqual([]);
  });

  it('adopts what was there and judges what nobody registered', async () => {
    expect(await scan()).toEqual([
      `adopt /bases/alpine:${BASE_TAG} done`,
      'adopt /mirrors/alpine:3.21.3 done',
      'discover /apps/deep/cart:latest done',
      'discover /apps/shop:1.0.0 done',
      'discover /apps/shop:1.1.0 done',
    ]);
    expect(await rows()).toEqual([
      ['apps/deep/cart:latest', 'current', true, BASE_TAG],
      ['apps/shop:1.0.0', 'earlier', true, BASE_TAG],
      ['apps/shop:1.1.0', 'current', true, BASE_TAG],
    ]);
    expect(await knex('base_tag')).toMatchObject([
      {
        name: 'alpine',
        tag: BASE_TAG,
        upstream_version: '3.21.3',
        core_version: '1.0.0',
        mirror_reference: `${registry.host}/mirrors/alpine:3.21.3`,
        reasons: '["adopted"]',
        state: 'published',
        published_at: '2026-05-01T00:00:00.000Z',
      },
    ]);
    expect(await knex('mirror_tag')).toMatchObject([
      { mirror: 'alpine', tag: '3.21.3', state: 'current', pulled_at: null },
    ]);
    expect(recompute.mock.calls).toEqual([['scan']]);
  });

  it('costs one HEAD for each image that is as it was', async () => {
    await scan();
    registry.requests.splice(0);
    expect(await scan()).toEqual([]);
    expect(
      registry.requests.filter(each => each.method === 'HEAD'),
    ).toHaveLength(3);
    expect(
      registry.requests.filter(
        each =>
          /\/(?:blobs|manifests)\//.test(each.path) && each.method === 'GET',
      ),
    ).toEqual([]);
    expect(recompute).toHaveBeenCalledTimes(1);
  });

  it('asks for the newest tags of a repository only, also while it is new', async () => {
    await scan();
    for (let minor = 0; minor < 12; minor += 1) {
      await push({ repository: 'apps/many', tag: `1.${minor}.0` });
    }
    registry.requests.splice(0);
    const newest = Array.from({ length: 10 }, (_, at) => `1.${at + 2}.0`);
    expect(await scan()).toEqual(
      newest.map(tag => `discover /apps/many:${tag} done`).sort(),
    );
    const asked = (method: string) =>
      new Set(
        registry.requests
          .filter(each => each.method === method)
          .flatMap(
            each =>
              /apps\/many\/manifests\/(1\..*)$/.exec(each.path)?.[1] ?? [],
          ),
      );
    expect([...asked('HEAD')].sort()).toEqual([...newest].sort());
    expect(asked('GET')).not.toContain('1.0.0');
  });

  it('plans, and writes nothing', async () => {
    expect(await scan({ dryRun: true })).toEqual([
      `adopt /bases/alpine:${BASE_TAG} planned`,
      'adopt /mirrors/alpine:3.21.3 planned',
      'discover /apps/deep/cart:latest planned',
      'discover /apps/shop:1.0.0 planned',
      'discover /apps/shop:1.1.0 planned',
    ]);
    expect(await rows()).toEqual([]);
    expect(await knex('image_digest')).toEqual([]);
    expect(recompute).not.toHaveBeenCalled();
  });

  it('leaves alone what a pipeline said, which may also come later', async () => {
    const image = `${registry.host}/apps/shop:1.0.0`;
    await service.register({ image, revision: 'a' }, 'external:ci');
    await scan();
    await push({ tag: '1.0.0', created: '2026-05-09' });
    await service.register(
      { image: `${registry.host}/apps/shop:1.1.0` },
      'external:ci',
    );
    expect(await scan()).toEqual([]);
    expect(
      await knex('application')
        .where({ repository: `${registry.host}/apps/shop` })
        .orderBy('tag')
        .select('tag', 'revision', 'registered_by', 'state'),
    ).toEqual([
      {
        tag: '1.0.0',
        revision: 'a',
        registered_by: 'external:ci',
        state: 'earlier',
      },
      {
        tag: '1.1.0',
        revision: null,
        registered_by: 'external:ci',
        state: 'current',
      },
    ]);
  });

  it('looks again for a base that a pipeline named and nobody could check', async () => {
    const image = `${registry.host}/apps/shop:1.0.0`;
    const base = `${registry.host}/bases/alpine:${BASE_TAG}`;
    const { digest } = (await client.headManifest('apps/shop', '1.0.0'))!;
    fault = () => 503;
    await service.register({ image, digest, base }, 'external:ci');
    fault = () => undefined;
    const confidence = async () =>
      JSON.parse(
        (await knex('application').where({ tag: '1.0.0' }).first()).detection,
      ).confidence;
    expect(await confidence()).toBe('unconfirmed');
    expect(await scan()).toContain('review /apps/shop:1.0.0 done');
    expect(await confidence()).toBe('confirmed');
    expect(
      await knex('application').where({ tag: '1.0.0' }).first(),
    ).toMatchObject({ registered_by: 'external:ci', base_reference: base });
  });

  it('marks what has gone, and brings back what is there again', async () => {
    await scan();
    await remove('apps/shop', '1.1.0');
    expect(await scan()).toEqual(['gone /apps/shop:1.1.0 done']);
    expect((await rows()).slice(1)).toEqual([
      ['apps/shop:1.0.0', 'current', true, BASE_TAG],
      ['apps/shop:1.1.0', 'gone', true, BASE_TAG],
    ]);
    await push({
      repository: 'apps/shop',
      tag: '1.1.0',
      created: '2026-05-02',
    });
    expect(await scan()).toEqual(['back /apps/shop:1.1.0 done']);
    expect((await rows())[2].slice(0, 2)).toEqual([
      'apps/shop:1.1.0',
      'current',
    ]);
  });

  it.each([
    ['tags', (url: string) => (url.includes('/tags/list') ? 503 : undefined)],
    [
      'tags, absent for no reason',
      (url: string) => (url.includes('apps/shop/tags') ? 404 : undefined),
    ],
    ['catalog', (url: string) => (url.includes('_catalog') ? 500 : undefined)],
  ])('marks nothing gone while a registry fails: %s', async (_name, fails) => {
    await scan();
    const before = await rows();
    fault = fails;
    const told = await scan();
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(item => /^list .* failed$/.test(item))).toBe(true);
    expect(await rows()).toEqual(before);
  });

  it('goes without a catalog: by name, and by what is registered', async () => {
    fault = url => (url.includes('_catalog') ? 404 : undefined);
    await push({ repository: 'named/one', tag: '1' });
    await service.register(
      { image: `${registry.host}/apps/shop:1.0.0` },
      'external:ci',
    );
    expect(await scan()).toEqual([
      `adopt /bases/alpine:${BASE_TAG} done`,
      'adopt /mirrors/alpine:3.21.3 done',
      'discover /apps/shop:1.1.0 done',
      'discover /named/one:1 done',
      'review /apps/shop:1.0.0 done',
    ]);
  });

  it('leaves tags to the run that works on them', async () => {
    await knex('run').insert({
      id: 'r',
      kind: 'sync',
      target: 'alpine',
      trigger: 'schedule',
      actor: 'x',
      dry_run: false,
      force: false,
      state: 'running',
      created_at: '2026-06-01T00:00:00.000Z',
    });
    await scan();
    expect(await knex('mirror_tag')).toEqual([]);
    expect(await knex('base_tag')).toHaveLength(1);
  });

  it('looks at one image at once', async () => {
    await scan();
    await push({
      repository: 'apps/shop',
      tag: '2.0.0',
      created: '2026-05-03',
    });
    items = [];
    const repository = `${registry.host}/apps/shop`;
    await scanner.scanImage({ repository, tag: '2.0.0' }, context());
    expect(items).toMatchObject([{ action: 'discover', state: 'done' }]);
    expect(recompute).toHaveBeenLastCalledWith('image pushed');
    await scanner.scanImage(
      { repository: `${registry.host}/other/thing`, tag: '1' },
      context(),
    );
    expect(items).toHaveLength(1);
  });
});
