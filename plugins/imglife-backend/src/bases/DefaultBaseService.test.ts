import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  parseTag,
  versionKey,
  type RunItem,
} from '@imglife/backstage-plugin-imglife-common';
import type {
  ImageBuilder,
  ImageSigner,
} from '@imglife/backstage-plugin-imglife-node';
import {
  copyImage,
  MediaTypes,
  RegistryClient,
  RegistryError,
  resolveImage,
} from '@imglife/oci';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import type {
  BaseContextTable,
  BaseTagTable,
  BuildTable,
  ImageDigestTable,
  MirrorTagTable,
} from '../database/tables';
import type { BaseDefinition } from '../definitions/Definitions';
import type { LifecycleData } from '../lifecycle/LifecycleService';
import type { RunContext } from '../runs/RunContext';
import type { ContextTree } from './ContextTrees';
import { DatabaseBaseStore } from './DatabaseBaseStore';
import {
  DefaultBaseService,
  type DefaultBaseServiceOptions,
} from './DefaultBaseService';
import { EmbeddedBuilder } from './embedded/EmbeddedBuilder';

jest.setTimeout(60_000);

const TEMPLATE =
  'FROM {{ mirror.reference }}\nLABEL team="{{ args.TEAM }}"\nCOPY motd /etc/motd\n';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

describe.each(databases.eachSupportedId())('DefaultBaseService on %s', id => {
  let knex: Knex;
  let registry: TestRegistry;
  let client: RegistryClient;
  let folder: string;
  let base: BaseDefinition;
  let recompute: jest.Mock;
  let builders: Map<string, ImageBuilder>;
  let signers: Map<string, ImageSigner>;
  let eolDate: string;
  let clock: number;
  let runs: number;
  let hooks: Array<{ webhook: string }>;
  let others: BaseDefinition[];
  let tree: ContextTree;

  beforeEach(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    registry = await TestRegistry.start();
    client = RegistryClient.create({ host: registry.host, insecure: true });
    folder = await mkdtemp(join(tmpdir(), 'imglife-base-'));
    await writeFile(join(folder, 'Dockerfile.tmpl'), TEMPLATE);
    await writeFile(join(folder, 'motd'), 'hello\n');
    recompute = jest.fn(async () => {});
    builders = new Map([
      [
        'embedded',
        EmbeddedBuilder.create({ registries: { clientFor: () => client } }),
      ],
    ]);
    signers = new Map();
    eolDate = '2026-11-01';
    clock = Date.parse('2026-06-01T00:00:00.000Z');
    runs = 0;
    hooks = [];
    others = [];
    tree = { folder };
    base = {
      name: 'alpine',
      configPath: 'imglife.bases.entries[0]',
      kind: 'core',
      coreVersion: '1.0.0',
      tagFormat: '{{ upstreamTag }}-core{{ coreVersion }}',
      floatingTags: [],
      builder: 'embedded',
      from: { mirror: 'alpine', track: 'latest-per-cycle' },
      target: { registry: registry.host, repository: 'bases/alpine' },
      context: folder,
      template: 'Dockerfile.tmpl',
      args: { TEAM: 'platform' },
      owner: 'group:default/platform',
      hash: '1',
    };
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
    await rm(folder, { recursive: true });
    await knex.destroy();
  });

  /** As sync leaves it. */
  async function mirror(tag: string, content = tag) {
    const repository = 'mirrors/alpine';
    const platforms = ['linux/amd64', 'linux/arm64'];
    const { digest } = await pushImage(registry.host, {
      repository,
      tag,
      platforms,
      layers: platform => [
        {
          'etc/release': `${content} ${platform}`,
          'etc/os-release': `ID=alpine\nVERSION_ID=${tag}\n`,
          'lib/apk/db/installed': 'P:musl\nV:1.2.5-r9\nL:MIT\n',
        },
      ],
    });
    const parsed = parseTag(tag);
    await knex<MirrorTagTable>('mirror_tag')
      .insert({
        mirror: 'alpine',
        repository: `${registry.host}/${repository}`,
        tag,
        family: parsed.family,
        version_key: versionKey(parsed),
        digest,
        upstream_repository: 'docker.io/library/alpine',
        upstream_tag: tag,
        platforms: JSON.stringify(platforms),
        image_created: '2026-01-01T00:00:00Z',
        state: 'current',
        selected: true,
        product: 'alpine-linux',
        cycle: tag.split('.').slice(0, 2).join('.'),
      })
      .onConflict(['repository', 'tag'])
      .merge(['digest']);
    return digest;
  }

  async function run(change: Partial<RunContext> = {}) {
    const items: Record<string, RunItem> = {};
    const lines: string[] = [];
    const context: RunContext = {
      id: `run-${++runs}`,
      kind: 'build',
      dryRun: false,
      force: false,
      actor: 'user:default/guest',
      signal: new AbortController().signal,
      log: line => lines.push(line),
      item: item => {
        items[item.reference.split('/').pop() ?? ''] = item;
      },
      progress: () => {},
      ...change,
    };
    const lifecycle: Partial<LifecycleData> = {
      judge: ({ product = '', cycle = '' }) => ({
        support: 'supported',
        eolDate,
        eol: [{ product, cycle, eolDate, dataAgeDays: 0 }],
      }),
    };
    const options: DefaultBaseServiceOptions = {
      definitions: {
        registries: [],
        mirrors: {
          schedule: { frequencyMs: 1, timeoutMs: 1 },
          verify: { frequencyMs: 1, timeoutMs: 1 },
          entries: [
            {
              name: 'alpine',
              configPath: 'imglife.mirrors.entries[0]',
              source: { registry: 'docker.io', repository: 'library/alpine' },
              target: {
                registry: registry.host,
                repository: 'mirrors/alpine',
              },
              tags: { names: [], cycles: 'all' },
              lifecycle: { extendedSupport: false },
              hash: '1',
            },
          ],
        },
        bases: {
          schedule: { frequencyMs: 1, timeoutMs: 1 },
          concurrency: 2,
          secrets: [],
          hooks: { afterBuild: hooks },
          entries: [...others, base],
        },
        policy: {
          freshness: 'cycle',
          warnDays: 30,
          graceDays: 0,
          failOn: [],
          exemptions: [],
        },
      },
      registries: { clientFor: () => client },
      trees: { read: async () => tree },
      store: DatabaseBaseStore.create({ knex }),
      builders,
      signers,
      notifications: { send: async () => {} },
      lifecycle: { load: async () => lifecycle as LifecycleData },
      recomputer: { recompute },
      now: () => new Date((clock += 1000)),
      logger: mockServices.logger.mock(),
    };
    recompute.mockClear();
    registry.clearRequests();
    await DefaultBaseService.create(options).run(context);
    return { items, lines };
  }

  function rows() {
    return knex<BaseTagTable>('base_tag').orderBy('tag');
  }

  function writes() {
    return registry.requests.filter(
      ({ method }) => method !== 'GET' && method !== 'HEAD',
    );
  }

  function read(tag: string) {
    const repository = 'bases/alpine';
    return resolveImage({ client, repository, reference: tag });
  }

  it('says which commit a context in git is of, and builds for its changes alone', async () => {
    base.context = 'https://git.example.com/images/tree/main/alpine';
    const revision = 'a'.repeat(40);
    tree = { folder, revision, committedAt: new Date('2026-03-01T10:00:00Z') };
    await writeFile(
      join(folder, 'Dockerfile.tmpl'),
      `${TEMPLATE}LABEL commit="{{ revision }}"\n`,
    );
    await mirror('3.21.3');
    await run();
    const location = { client, repository: 'bases/alpine' };
    const image = await resolveImage({
      ...location,
      reference: '3.21.3-core1.0.0',
    });
    const labels = {
      'org.opencontainers.image.created': '2026-03-01T10:00:00.000Z',
      'org.opencontainers.image.revision': revision,
      'org.opencontainers.image.source': base.context,
    };
    expect(image.annotations).toMatchObject(labels);
    expect(image.images[0].config.config?.Labels).toMatchObject({
      ...labels,
      commit: revision,
    });
    expect(image.images[0].config.created).toBe('2026-03-01T10:00:00.000Z');

    // another commit that touches other folders only
    tree = {
      folder,
      revision: 'b'.repeat(40),
      committedAt: new Date('2026-04-01T10:00:00Z'),
    };
    const { items } = await run();
    expect(items['alpine:3.21.3-core1.0.0']).toMatchObject({
      action: 'none',
      state: 'skipped',
    });
  });

  it('publishes the first bases with labels, annotations, chains and rows', async () => {
    const digest = await mirror('3.21.3');
    await mirror('3.21.2');
    await mirror('3.20.6');
    const { items } = await run();

    expect(items).toEqual({
      'alpine:3.20.6-core1.0.0': expect.objectContaining({ state: 'done' }),
      'alpine:3.21.3-core1.0.0': {
        reference: `${registry.host}/bases/alpine:3.21.3-core1.0.0`,
        action: 'build',
        reason: 'first-build',
        state: 'done',
        error: null,
        changes: [{ reason: 'first-build', from: null, to: '3.21.3' }],
      },
    });
    const image = await read('3.21.3-core1.0.0');
    const [, row] = await rows();
    expect(row).toMatchObject({
      name: 'alpine',
      kind: 'core',
      owner: 'group:default/platform',
      repository: `${registry.host}/bases/alpine`,
      tag: '3.21.3-core1.0.0',
      family: parseTag('3.21.3').family,
      upstream_version: '3.21.3',
      core_version: '1.0.0',
      digest: image.descriptor.digest,
      platforms: '["linux/amd64","linux/arm64"]',
      mirror_reference: `${registry.host}/mirrors/alpine:3.21.3`,
      mirror_digest: digest,
      reasons: '["first-build"]',
      state: 'published',
      error: null,
      product: 'alpine-linux',
      cycle: '3.21',
    });
    expect(row.published_at).toBe(row.built_at);
    const labels = {
      'org.opencontainers.image.created': '2026-01-01T00:00:00.000Z',
      'org.opencontainers.image.version': '3.21.3-core1.0.0',
      'org.opencontainers.image.title': 'alpine',
      'org.opencontainers.image.base.name': `${registry.host}/mirrors/alpine:3.21.3`,
      'org.opencontainers.image.base.digest': digest,
      'io.imglife.core-version': '1.0.0',
      'io.imglife.eol-date': '2026-11-01',
      'io.imglife.eol-product': 'alpine-linux',
      'io.imglife.eol-cycle': '3.21',
      'io.imglife.input-hash': row.input_hash,
    };
    expect(image.annotations).toEqual(labels);
    for (const { config, manifest } of image.images) {
      expect(config.config?.Labels).toEqual({ team: 'platform', ...labels });
      expect(manifest.annotations).toEqual(labels);
    }
    const digests = await knex<ImageDigestTable>('image_digest')
      .where({ tag: '3.21.3-core1.0.0' })
      .orderBy('platform');
    expect(
      digests.map(each => [
        each.tier,
        each.platform,
        each.digest,
        each.chain_id,
      ]),
    ).toEqual([
      ['bases', '', image.descriptor.digest, null],
      ...image.images.map(each => [
        'bases',
        each.platform,
        each.digest,
        each.chainId,
      ]),
    ]);
    expect(digests.every(each => each.input_hash === row.input_hash)).toBe(
      true,
    );
    const builds = await knex<BuildTable>('build').where({ tag: row.tag });
    expect(builds).toEqual([
      expect.objectContaining({
        state: 'succeeded',
        digest: row.digest,
        builder: 'embedded',
        run_id: 'run-1',
        actor: 'user:default/guest',
        dockerfile: TEMPLATE.replace(
          '{{ mirror.reference }}',
          `${registry.host}/mirrors/alpine:3.21.3@${digest}`,
        ).replace('{{ args.TEAM }}', 'platform'),
      }),
    ]);
    expect(recompute).toHaveBeenCalledWith('bases built');
  });

  it('does nothing the second time, and follows a new upstream tag', async () => {
    await mirror('3.21.3');
    await run();
    const before = await rows();
    const { items } = await run();
    expect(items).toEqual({
      'alpine:3.21.3-core1.0.0': expect.objectContaining({
        action: 'none',
        state: 'skipped',
      }),
    });
    expect(registry.requests).toEqual([]);
    expect(recompute).not.toHaveBeenCalled();
    expect(await rows()).toEqual(before);

    await mirror('3.21.4');
    expect((await run()).items).toEqual({
      'alpine:3.21.4-core1.0.0': expect.objectContaining({
        reason: 'new-upstream-tag',
        state: 'done',
      }),
    });
    expect((await rows()).map(({ tag }) => tag)).toEqual([
      '3.21.3-core1.0.0',
      '3.21.4-core1.0.0',
    ]);
  });

  it('makes a new tag when coreVersion is raised, and keeps the old one', async () => {
    await mirror('3.21.3');
    await run();
    const [old] = await rows();
    base.coreVersion = '1.1.0';
    expect((await run({ target: 'alpine' })).items).toEqual({
      'alpine:3.21.3-core1.1.0': expect.objectContaining({
        reason: 'core-version',
        state: 'done',
      }),
    });
    const [same, raised] = await rows();
    expect(same).toEqual(old);
    expect(raised.version_key > old.version_key).toBe(true);
    expect(raised.digest).not.toBe(old.digest);
    expect((await read(old.tag)).descriptor.digest).toBe(old.digest);
  });

  it('moves the tag when its mirror moved, and keeps both chains', async () => {
    await mirror('3.21.3');
    await run();
    const [old] = await rows();
    const moved = await mirror('3.21.3', 'rebuilt');
    expect((await run()).items['alpine:3.21.3-core1.0.0']).toMatchObject({
      reason: 'mirror-moved',
      state: 'done',
    });
    const [row] = await rows();
    expect(row).toMatchObject({
      mirror_digest: moved,
      reasons: '["mirror-moved"]',
      published_at: old.published_at,
    });
    expect(row.built_at).not.toBe(old.built_at);
    expect((await read(row.tag)).descriptor.digest).toBe(row.digest);
    const roots = await knex<ImageDigestTable>('image_digest')
      .where({ platform: '' })
      .orderBy('id');
    expect(roots.map(({ digest }) => digest)).toEqual([old.digest, row.digest]);
  });

  it('is blocked when its template changed, until that is taken back', async () => {
    await mirror('3.21.3');
    await run();
    const [old] = await rows();
    await writeFile(join(folder, 'Dockerfile.tmpl'), `${TEMPLATE}USER 1\n`);
    await writeFile(join(folder, 'motd'), 'other\n');
    const { items } = await run();
    expect(items['alpine:3.21.3-core1.0.0']).toMatchObject({
      action: 'blocked',
      reason: 'template, context',
      state: 'skipped',
    });
    expect(registry.requests).toEqual([]);
    expect(await rows()).toEqual([
      {
        ...old,
        state: 'blocked',
        error:
          'raise coreVersion of base alpine (now 1.0.0): changed since 3.21.3-core1.0.0 was published: template, context',
      },
    ]);
    expect(recompute).toHaveBeenCalledTimes(1);
    const forced = await run({ force: true });
    expect(forced.items['alpine:3.21.3-core1.0.0']).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/^raise coreVersion/),
    });
    expect(recompute).not.toHaveBeenCalled();

    await writeFile(join(folder, 'Dockerfile.tmpl'), TEMPLATE);
    await writeFile(join(folder, 'motd'), 'hello\n');
    await run();
    expect(await rows()).toEqual([old]);
    expect(recompute).toHaveBeenCalledTimes(1);
  });

  it('rebuilds a moved mirror from the template last published', async () => {
    await mirror('3.21.3');
    await run();
    const [old] = await rows();
    const [before] = (await read(old.tag)).images;
    await writeFile(join(folder, 'Dockerfile.tmpl'), `${TEMPLATE}USER 1\n`);
    base.args = { TEAM: 'other' };
    const moved = await mirror('3.21.3', 'rebuilt');
    const { items } = await run();
    expect(items['alpine:3.21.3-core1.0.0']).toMatchObject({
      reason: 'mirror-moved',
      state: 'done',
      changes: [{ reason: 'mirror-moved', from: old.mirror_digest, to: moved }],
    });
    const [row] = await rows();
    expect(row).toMatchObject({
      mirror_digest: moved,
      template: TEMPLATE,
      state: 'blocked',
      error: expect.stringMatching(
        /^raise coreVersion .* template, arguments$/,
      ),
    });
    const [{ config }] = (await read(row.tag)).images;
    expect(config.config).toMatchObject({
      Labels: expect.objectContaining({ team: 'platform' }),
    });
    expect(config.config?.User).toBeFalsy();
    expect((await run()).items['alpine:3.21.3-core1.0.0']).toMatchObject({
      action: 'blocked',
      reason: 'template, arguments',
    });

    // the context is kept as well
    const last = await mirror('3.21.3', 'once more');
    await writeFile(join(folder, 'motd'), 'other\n');
    expect((await run()).items['alpine:3.21.3-core1.0.0']).toMatchObject({
      state: 'done',
      changes: [{ reason: 'mirror-moved', from: moved, to: last }],
    });
    const [kept] = await rows();
    expect(kept).toMatchObject({
      inputs: expect.stringContaining(JSON.parse(old.inputs!).context),
      context_hash: JSON.parse(old.inputs!).context,
      error: expect.stringMatching(/: template, context, arguments$/),
    });
    const [image] = (await read(row.tag)).images;
    // under the one that names the base
    expect(image.manifest.layers.at(-2)).toEqual(before.manifest.layers.at(-2));
    expect((await run()).items['alpine:3.21.3-core1.0.0']).toMatchObject({
      action: 'blocked',
      reason: 'template, context, arguments',
    });
  });

  it('compresses what it adds by zstd under another coreVersion alone', async () => {
    const mediaTypes = async (tag: string) => {
      const [{ manifest }] = (await read(tag)).images;
      return manifest.layers.map(({ mediaType }) => mediaType);
    };
    await mirror('3.21.3');
    await run();
    base.compression = 'zstd';
    const blocked = await run();
    expect(blocked.items['alpine:3.21.3-core1.0.0']).toMatchObject({
      action: 'blocked',
      changes: [{ reason: 'compression', from: 'gzip', to: 'zstd' }],
    });

    await mirror('3.21.3', 'rebuilt upstream');
    const moved = await run();
    expect(moved.items['alpine:3.21.3-core1.0.0']).toMatchObject({
      action: 'build',
      reason: 'mirror-moved',
    });
    expect(await mediaTypes('3.21.3-core1.0.0')).toEqual(
      Array.from({ length: 3 }, () => MediaTypes.ociLayerGzip),
    );

    base.coreVersion = '1.1.0';
    const { items } = await run();
    expect(items['alpine:3.21.3-core1.1.0']).toMatchObject({
      action: 'build',
      reason: 'core-version, compression',
    });
    // the mirror's own, then the template's and the one that names the base
    expect(await mediaTypes('3.21.3-core1.1.0')).toEqual([
      MediaTypes.ociLayerGzip,
      MediaTypes.ociLayerZstd,
      MediaTypes.ociLayerZstd,
    ]);
    const again = await run();
    expect(again.items['alpine:3.21.3-core1.1.0'].action).toBe('none');
  });

  it('is blocked when the context last published is too large to be kept', async () => {
    await writeFile(join(folder, 'motd'), randomBytes(1_200_000));
    await mirror('3.21.3');
    await run();
    const [old] = await rows();
    expect(old.context_hash).toBeNull();
    await writeFile(join(folder, 'motd'), 'small\n');
    await mirror('3.21.3', 'rebuilt');
    expect((await run()).items['alpine:3.21.3-core1.0.0']).toMatchObject({
      action: 'blocked',
      reason: 'mirror-moved, context',
    });
    expect(await rows()).toMatchObject([
      {
        digest: old.digest,
        state: 'blocked',
        error: expect.stringMatching(
          /: mirror-moved, context; the context last published is not kept \(over 1 MiB/,
        ),
      },
    ]);
  });

  it('drops contexts that no base needs, a day later', async () => {
    const hashes = async () =>
      (await knex<BaseContextTable>('base_context').select('hash')).map(
        ({ hash }) => hash,
      );
    await mirror('3.21.3');
    await run();
    const first = await hashes();
    expect(first).toEqual([(await rows())[0].context_hash]);
    await writeFile(join(folder, 'motd'), 'second\n');
    base.coreVersion = '1.1.0';
    await run();
    expect(await hashes()).toHaveLength(2);

    // as when the tag itself is forgotten
    await knex('base_tag').where({ core_version: '1.0.0' }).delete();
    clock += 25 * 60 * 60 * 1000;
    await writeFile(join(folder, 'motd'), 'third\n');
    base.coreVersion = '1.2.0';
    await run();
    const left = await hashes();
    expect(left).toHaveLength(2);
    expect(left).not.toContain(first[0]);
    expect(left).toContain((await rows())[0].context_hash);
  });

  it('builds a base on a base after it, and again when that moves', async () => {
    others = [
      {
        ...base,
        name: 'tools',
        from: { base: 'alpine', track: 'latest-per-cycle' },
        target: { registry: registry.host, repository: 'bases/tools' },
        context: undefined,
        template: 'FROM {{ mirror.reference }}\nENV ON={{ upstreamVersion }}\n',
      },
    ];
    await mirror('3.21.3');
    const { items } = await run();
    expect(items['tools:3.21.3-core1.0.0']).toMatchObject({
      reason: 'first-build',
      state: 'done',
    });
    const find = async (name: string) =>
      (await rows()).filter(row => row.name === name);
    const [below] = await find('alpine');
    const [above] = await find('tools');
    expect(above).toMatchObject({
      mirror_reference: `${below.repository}:${below.tag}`,
      mirror_digest: below.digest,
      upstream_version: '3.21.3',
      cycle: '3.21',
    });
    base.coreVersion = '1.1.0';
    const { items: raised } = await run();
    expect(raised['tools:3.21.3-core1.0.0']).toMatchObject({
      reason: 'mirror-moved',
      state: 'done',
    });
    const [, newer] = await find('alpine');
    expect((await find('tools'))[0]).toMatchObject({
      mirror_reference: `${below.repository}:3.21.3-core1.1.0`,
      mirror_digest: newer.digest,
    });
    await run();
    expect(registry.requests).toEqual([]);
  });

  it('moves floating tags to the newest, and never to a withdrawn one', async () => {
    base.floatingTags = ['latest', '{{ cycle }}-core'];
    base.from = { mirror: 'alpine', track: 'all' };
    await mirror('3.20.6');
    await mirror('3.21.3');
    await run({ dryRun: true });
    expect(await client.listTags('bases/alpine').catch(() => [])).toEqual([]);
    await run();
    const digestOf = async (tag: string) => (await read(tag)).descriptor.digest;
    expect(await digestOf('latest')).toBe(await digestOf('3.21.3-core1.0.0'));
    expect(await digestOf('3.20-core')).toBe(
      await digestOf('3.20.6-core1.0.0'),
    );
    await run();
    expect(registry.requests).toEqual([]);

    await mirror('3.21.4');
    const { items } = await run();
    expect(items['alpine:latest']).toMatchObject({
      action: 'tag',
      reason: '3.21.4-core1.0.0',
      state: 'done',
    });
    expect(await digestOf('3.21-core')).toBe(
      await digestOf('3.21.4-core1.0.0'),
    );
    await DatabaseBaseStore.create({ knex }).recordWithdrawn(
      `${registry.host}/bases/alpine`,
      '3.21.4-core1.0.0',
      { reason: 'bad', replacement: null, at: '', by: '' },
    );
    await run();
    expect(await digestOf('latest')).toBe(await digestOf('3.21.3-core1.0.0'));

    await DatabaseBaseStore.create({ knex }).recordWithdrawn(
      `${registry.host}/bases/alpine`,
      '3.20.6-core1.0.0',
      { reason: 'bad', replacement: null, at: '', by: '' },
    );
    expect((await run()).items['alpine:3.20-core']).toMatchObject({
      action: 'tag',
      state: 'skipped',
      reason:
        'is still 3.20.6-core1.0.0, which is withdrawn: there is no other base for it; delete it at the registry',
    });
  });

  it('is blocked when the registry refuses to move a tag', async () => {
    await mirror('3.21.3');
    await run();
    const [old] = await rows();
    await mirror('3.21.3', 'rebuilt');
    const put = jest
      .spyOn(client, 'putManifest')
      .mockImplementation(async (repository, reference, ...rest) => {
        if (reference === old.tag) {
          throw new RegistryError('tag is immutable', {
            host: registry.host,
            status: 400,
            code: 'TAG_INVALID',
          });
        }
        return RegistryClient.prototype.putManifest.call(
          client,
          repository,
          reference,
          ...rest,
        );
      });
    const { items } = await run();
    const error = items['alpine:3.21.3-core1.0.0'].error;
    expect(error).toMatch(
      /^raise coreVersion of base alpine \(now 1\.0\.0\): the registry refuses to set .*3\.21\.3-core1\.0\.0/,
    );
    expect(await rows()).toEqual([{ ...old, state: 'blocked', error }]);
    put.mockRestore();
    expect((await read(old.tag)).descriptor.digest).toBe(old.digest);
  });

  it('tells the webhooks by digest; a dead one fails no build', async () => {
    const received: string[] = [];
    const server = createServer(async (request, response) => {
      received.push(await text(request));
      response.end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    hooks = [
      { webhook: `http://user:secret@127.0.0.1:${port}/a` },
      { webhook: `http://127.0.0.1:${port}/b` },
    ];
    await mirror('3.21.3');
    await run();
    const [row] = await rows();
    const reference = `${row.repository}:${row.tag}@${row.digest}`;
    expect(received.map(body => JSON.parse(body))).toEqual([
      expect.objectContaining({ reference, digest: row.digest }),
      expect.objectContaining({ reasons: ['first-build'] }),
    ]);
    await run();
    expect(received).toHaveLength(2);
    await new Promise(resolve => server.close(resolve));
    hooks = [{ webhook: `http://user:secret@127.0.0.1:${port}/a` }];
    await mirror('3.21.3', 'rebuilt');
    const signal = AbortSignal.timeout(10_000);
    const { items, lines } = await run({ signal });
    expect(items['alpine:3.21.3-core1.0.0'].state).toBe('done');
    expect(lines.join('\n')).toContain(
      `warning: webhook http://127.0.0.1:${port} failed: ECONNREFUSED`,
    );
    expect(lines.join('\n')).not.toContain('secret');
  });

  it('keeps what is published when a build fails', async () => {
    await mirror('3.21.3');
    await run();
    const [old] = await rows();
    await mirror('3.21.3', 'rebuilt');
    const broken: ImageBuilder = {
      id: 'embedded',
      canBuild: () => ({ ok: true }),
      build: async () => {
        throw new Error('no space left');
      },
    };
    const [embedded] = builders.values();
    builders.set('embedded', broken);
    const { items } = await run();
    expect(items['alpine:3.21.3-core1.0.0']).toMatchObject({
      action: 'build',
      reason: 'mirror-moved',
      state: 'failed',
      error: 'no space left',
    });
    expect(await rows()).toEqual([
      { ...old, state: 'failed', error: 'no space left' },
    ]);
    expect((await read(old.tag)).descriptor.digest).toBe(old.digest);
    const builds = await knex<BuildTable>('build').orderBy('id');
    expect(builds.map(({ state, error }) => [state, error])).toEqual([
      ['succeeded', null],
      ['failed', 'no space left'],
    ]);
    builders.set('embedded', embedded);
    await run();
    expect((await rows())[0]).toMatchObject({
      state: 'published',
      error: null,
    });
  });

  it('does not trust a builder that made something else', async () => {
    await mirror('3.21.3');
    const { digest } = await pushImage(registry.host, {
      repository: 'bases/alpine',
      tag: 'stray',
      platforms: ['linux/amd64', 'linux/arm64'],
    });
    builders.set('embedded', {
      id: 'embedded',
      canBuild: () => ({ ok: true }),
      build: async () => ({ digest }),
    });
    const { items } = await run();
    expect(items['alpine:3.21.3-core1.0.0'].error).toMatch(
      /embedded made an image that does not stand on the layers of .*3\.21\.3@sha256/,
    );
    expect(await client.listTags('bases/alpine')).toEqual(['stray']);
  });

  it.each([
    ['labels', 'lacks the label org.opencontainers.image.title'],
    ['annotations', 'lacks the annotation org.opencontainers.image.title'],
  ])('sets no tag when a builder leaves out %s', async (key, fault) => {
    await mirror('3.21.3');
    const [embedded] = builders.values();
    builders.set('embedded', {
      id: 'embedded',
      canBuild: () => ({ ok: true }),
      build: (request, context) => {
        const given = request[key as 'labels'];
        const { 'org.opencontainers.image.title': _, ...rest } = given;
        return embedded.build({ ...request, [key]: rest }, context);
      },
    });
    const { items } = await run();
    expect(items['alpine:3.21.3-core1.0.0'].error).toContain(fault);
    expect(await client.listTags('bases/alpine')).toEqual([]);
  });

  it('sets no tag when the registry has lost a layer', async () => {
    await mirror('3.21.3');
    const [embedded] = builders.values();
    let lost = '';
    builders.set('embedded', {
      id: 'embedded',
      canBuild: () => ({ ok: true }),
      build: async (request, context) => {
        const built = await embedded.build(request, context);
        const repository = 'bases/alpine';
        const reference = built.digest;
        const image = await resolveImage({ client, repository, reference });
        lost = image.images[1].manifest.layers.at(-1)?.digest ?? '';
        registry.fail({
          method: 'HEAD',
          path: `/v2/bases/alpine/blobs/${lost}`,
          action: { kind: 'status', status: 404, code: 'BLOB_UNKNOWN' },
        });
        return built;
      },
    });
    const { items } = await run();
    expect(items['alpine:3.21.3-core1.0.0'].error).toBe(
      `The builder embedded made an image that cannot be pulled: its blob ${lost} is missing at the registry; its tag was not set`,
    );
    expect(await client.listTags('bases/alpine')).toEqual([]);
  });

  it('refuses RUN by name and line, and keeps a row that says so', async () => {
    await mirror('3.21.3');
    await writeFile(
      join(folder, 'Dockerfile.tmpl'),
      'FROM {{ mirror.reference }}\n\nRUN apk add tzdata\n',
    );
    const { items } = await run();
    const error = items['alpine:3.21.3-core1.0.0'].error;
    expect(error).toMatch(/^RUN in line 3 .*buildah, docker and buildkit/);
    expect(writes()).toEqual([]);
    expect(await rows()).toEqual([
      expect.objectContaining({
        tag: '3.21.3-core1.0.0',
        state: 'failed',
        digest: null,
        published_at: null,
        error,
      }),
    ]);
    expect(await knex('build').select('state', 'digest', 'error')).toEqual([
      { state: 'failed', digest: null, error },
    ]);
    await writeFile(join(folder, 'Dockerfile.tmpl'), TEMPLATE);
    expect((await run()).items['alpine:3.21.3-core1.0.0']).toMatchObject({
      reason: 'first-build',
      state: 'done',
    });
    const [row] = await rows();
    expect(row.published_at).toBe(row.built_at);
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    [
      'an unknown variable',
      () =>
        writeFile(
          join(folder, 'Dockerfile.tmpl'),
          'FROM {{ mirror.reference }}\nUSER {{ nobody }}',
        ),
      /Dockerfile\.tmpl, line 2: there is no variable "nobody"/,
    ],
    [
      'a template that is not there',
      () => rm(join(folder, 'Dockerfile.tmpl')),
      /imglife\.bases\.entries\[0\]\.template names/,
    ],
    [
      'a builder that is not there',
      async () => {
        base.builder = 'kaniko';
      },
      /no builder "kaniko" for base alpine; known: embedded/,
    ],
  ])('names %s', async (_, change, fault) => {
    await mirror('3.21.3');
    await change();
    const { items } = await run();
    expect(items['alpine:3.21.3-core1.0.0'].error).toMatch(fault);
    expect((await rows())[0]).toMatchObject({ state: 'failed', digest: null });
    expect(await knex('build').select('state', 'digest', 'error')).toEqual([
      {
        state: 'failed',
        digest: null,
        error: expect.stringMatching(fault),
      },
    ]);
    expect(writes()).toEqual([]);
  });

  it('plans without writing when dry', async () => {
    await mirror('3.21.3');
    const { items } = await run({ dryRun: true });
    expect(items['alpine:3.21.3-core1.0.0']).toMatchObject({
      action: 'build',
      reason: 'first-build',
      state: 'planned',
    });
    expect(writes()).toEqual([]);
    expect(await rows()).toEqual([]);
    expect(recompute).not.toHaveBeenCalled();

    await run();
    const before = await rows();
    await writeFile(join(folder, 'Dockerfile.tmpl'), `${TEMPLATE}USER 1\n`);
    base.owner = 'group:default/other';
    await run({ dryRun: true });
    expect(await rows()).toEqual(before);
  });

  it('builds the same digest when forced, whatever end-of-life data says by then', async () => {
    await mirror('3.21.3');
    await run();
    const [old] = await rows();
    eolDate = '2027-01-01';
    const { items } = await run({ force: true });
    expect(items['alpine:3.21.3-core1.0.0']).toMatchObject({
      reason: 'forced',
      state: 'done',
    });
    expect(writes().filter(({ path }) => path.endsWith(old.tag))).toEqual([]);
    const [row] = await rows();
    expect(row).toMatchObject({ digest: old.digest, reasons: '["forced"]' });
  });

  it('leaves an adopted tag as it is until coreVersion is raised', async () => {
    await mirror('3.21.3');
    await run();
    const reference = '3.21.3-core1.0.0';
    const before = await client.headManifest('bases/alpine', reference);
    // as a scan records what it finds: what it was made of is not known
    await knex('base_tag').update({
      inputs: null,
      input_hash: null,
      reasons: '["adopted"]',
    });
    await writeFile(join(folder, 'motd'), 'another\n');
    const { items } = await run();
    expect(items[`alpine:${reference}`]).toMatchObject({
      action: 'none',
      state: 'skipped',
      reason: expect.stringContaining('adopted'),
    });
    expect(await client.headManifest('bases/alpine', reference)).toEqual(
      before,
    );
    expect(await knex('base_tag').select('state')).toEqual([
      { state: 'published' },
    ]);

    base.coreVersion = '1.1.0';
    const raised = await run();
    expect(raised.items['alpine:3.21.3-core1.1.0']).toMatchObject({
      state: 'done',
    });
  });

  it('refuses to move a tag that somebody else set', async () => {
    await mirror('3.21.3');
    const { digest } = await pushImage(registry.host, {
      repository: 'bases/alpine',
      tag: '3.21.3-core1.0.0',
      platforms: ['linux/amd64'],
    });
    const { items } = await run();
    expect(items['alpine:3.21.3-core1.0.0'].error).toMatch(
      new RegExp(
        `is published as ${digest} .*raise coreVersion of base alpine`,
      ),
    );
    const found = await read('3.21.3-core1.0.0');
    expect(found.descriptor.digest).toBe(digest);
  });

  it('takes over what a run published and could not record', async () => {
    await mirror('3.21.3');
    await run();
    const [old] = await rows();
    await knex('base_tag').delete();
    eolDate = '2027-01-01';
    await run();
    expect(writes()).toEqual([]);
    expect(await rows()).toEqual([
      expect.objectContaining({ digest: old.digest, state: 'published' }),
    ]);
  });

  it('brings the owner of every tag up to the definition', async () => {
    await mirror('3.21.3');
    await run();
    base.owner = undefined;
    base.kind = 'development';
    await run();
    expect(await rows()).toEqual([
      expect.objectContaining({ owner: null, kind: 'development' }),
    ]);
    expect(recompute).toHaveBeenCalledTimes(1);
  });

  /** Pushes a signature by cosign's tag scheme, as far as its place goes. */
  const tagSigner: ImageSigner = {
    id: 'tags',
    async sign({ reference, digest }) {
      const repository = reference
        .slice(registry.host.length + 1)
        .split('@')[0];
      await pushImage(registry.host, {
        repository,
        tag: `${digest.replace(':', '-')}.sig`,
        platforms: ['linux/amd64'],
        layers: [{ signature: `of ${reference}` }],
      });
    },
  };

  it('attaches and signs before the tag is set, once, and it travels', async () => {
    base.sbom = 'cyclonedx';
    base.provenance = true;
    base.sign = ['tags'];
    signers.set('tags', tagSigner);
    await mirror('3.21.3');
    const { items, lines } = await run();
    const tag = '3.21.3-core1.0.0';
    expect(items[`alpine:${tag}`]).toMatchObject({ state: 'done' });
    const puts = writes()
      .filter(({ path }) => path.includes('/manifests/'))
      .map(({ path }) => path.split('/manifests/')[1]);
    expect(puts.at(-1)).toBe(tag);
    expect(puts.at(-2)).toMatch(/\.sig$/);

    const image = await read(tag);
    const { digest } = image.descriptor;
    expect(lines).toContain(`${tag}: signed by tags: ${digest}`);
    const repository = 'bases/alpine';
    const contentOf = async (subject: string, artifactType: string) => {
      const found = await client.listReferrers(repository, subject, {
        artifactType,
      });
      expect(found).toHaveLength(1);
      const { manifest } = await client.getManifest(
        repository,
        found[0].digest,
      );
      const [layer] = 'layers' in manifest ? manifest.layers : [];
      return JSON.parse(String(await client.readBlob(repository, layer)));
    };
    const IN_TOTO = 'application/vnd.in-toto+json';
    const statement = await contentOf(digest, IN_TOTO);
    expect(statement.subject.map((each: any) => each.digest.sha256)).toEqual(
      [digest, ...image.images.map(each => each.digest)].map(each =>
        each.replace('sha256:', ''),
      ),
    );
    for (const platform of image.images) {
      const sbom = await contentOf(
        platform.digest,
        'application/vnd.cyclonedx+json',
      );
      expect(
        sbom.components.map(({ type, name }: any) => [type, name]),
      ).toEqual([
        ['container', `${registry.host}/mirrors/alpine`],
        ['operating-system', 'alpine'],
        ['library', 'musl'],
        ['file', '/etc/motd'],
        ['file', '/usr/share/imglife/base.json'],
      ]);
    }

    // again: nothing new but the signature, which is its signer's own matter
    await run({ force: true });
    expect(writes().map(({ path }) => path)).toEqual(
      expect.arrayContaining([expect.stringContaining('.sig')]),
    );
    expect(
      await client.listReferrers(repository, digest, { artifactType: IN_TOTO }),
    ).toHaveLength(1);
    expect((await read(tag)).descriptor.digest).toBe(digest);

    const target = { client, repository: 'elsewhere/alpine' };
    await copyImage({
      source: { client, repository, reference: tag },
      target: { ...target, tag },
      referrers: true,
    });
    expect(await client.listTags('elsewhere/alpine')).toContain(
      `${digest.replace(':', '-')}.sig`,
    );
    expect(
      await client.listReferrers('elsewhere/alpine', image.images[1].digest),
    ).toHaveLength(1);
  });

  it('runs the smoke command in the very image, before it is signed and has its tag', async () => {
    const seen: unknown[] = [];
    const tag = '3.21.3-core1.0.0';
    const hasTag = async () =>
      (await client.headManifest('bases/alpine', tag)) !== undefined;
    const embedded = builders.get('embedded')!;
    builders.set('embedded', {
      id: 'embedded',
      canBuild: dockerfile => embedded.canBuild(dockerfile),
      build: (request, context) => embedded.build(request, context),
      smoke: async ({ registry: _, ...request }) => {
        seen.push({ ...request, hasTag: await hasTag() });
      },
    });
    signers.set('ours', {
      id: 'ours',
      sign: async () => {
        seen.push('signed');
      },
    });
    base.sign = ['ours'];
    base.smoke = { command: ['sh', '-c', 'exit 0'], timeoutMs: 1000 };
    await mirror('3.21.3');
    const { lines } = await run();
    const { images } = await read(tag);
    expect(seen).toEqual([
      {
        command: ['sh', '-c', 'exit 0'],
        timeoutMs: 1000,
        repository: `${registry.host}/bases/alpine`,
        images: images.map(({ platform, digest }) => ({ platform, digest })),
        hasTag: false,
      },
      'signed',
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        `${tag}: smoke command ["sh","-c","exit 0"]`,
        `${tag}: the smoke command passed`,
      ]),
    );
    // another command is another check of the next image, and no reason to build
    base.smoke = { command: ['true'], timeoutMs: 1000 };
    expect((await run()).items[`alpine:${tag}`].action).toBe('none');
    expect(seen).toHaveLength(2);
  });

  it('publishes nothing that could not be signed', async () => {
    await mirror('3.21.3');
    await run();
    const tag = '3.21.3-core1.0.0';
    const before = (await read(tag)).descriptor.digest;
    base.sign = ['broken'];
    signers.set('broken', {
      id: 'broken',
      sign: async () => {
        throw new Error('no such key');
      },
    });
    await mirror('3.21.3', 'rebuilt');
    const error = `${registry.host}/bases/alpine:${tag} was not published: signing by broken failed: no such key`;
    expect((await run()).items[`alpine:${tag}`]).toMatchObject({
      state: 'failed',
      error,
    });
    expect((await read(tag)).descriptor.digest).toBe(before);
    expect(await rows()).toMatchObject([
      { state: 'failed', digest: before, error },
    ]);
    signers.set('broken', tagSigner);
    expect((await run()).items[`alpine:${tag}`]).toMatchObject({
      reason: 'mirror-moved',
      state: 'done',
    });
    expect((await read(tag)).descriptor.digest).not.toBe(before);
  });

  it('stops when it is cancelled, and leaves the row alone', async () => {
    await mirror('3.21.3');
    const abort = new AbortController();
    builders.set('embedded', {
      id: 'embedded',
      canBuild: () => ({ ok: true }),
      build: async () => {
        abort.abort();
        throw abort.signal.reason;
      },
    });
    await expect(run({ signal: abort.signal })).rejects.toThrow(/aborted/);
    expect(await rows()).toEqual([]);
  });

  it('refuses a base that does not exist', async () => {
    await expect(run({ target: 'alpin' })).rejects.toThrow(
      'There is no base "alpin"; known: alpine',
    );
  });

  it('waits for a pinned tag that is not mirrored yet', async () => {
    base.from = { mirror: 'alpine', tag: '3.21.3' };
    const { items, lines } = await run();
    expect(items).toEqual({});
    expect(lines).toEqual(['alpine: mirror alpine holds no tag 3.21.3 yet']);
  });
});
