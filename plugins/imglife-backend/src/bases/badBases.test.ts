import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  parseTag,
  versionKey,
  type RunItem,
} from '@imglife/backstage-plugin-imglife-common';
import type { ImageBuilder } from '@imglife/backstage-plugin-imglife-node';
import { RegistryClient } from '@imglife/oci';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import type { Knex } from 'knex';
import {
  mkdir,
  mkdtemp,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDatabase } from '../database/connectDatabase';
import type {
  BaseTagTable,
  BuildTable,
  MirrorTagTable,
} from '../database/tables';
import type { BaseDefinition } from '../definitions/Definitions';
import type { LifecycleData } from '../lifecycle/LifecycleService';
import { DatabaseBaseStore } from './DatabaseBaseStore';
import { DefaultBaseService } from './DefaultBaseService';
import { EmbeddedBuilder } from './embedded/EmbeddedBuilder';
import { MAX_CONTEXT_BYTES } from './readContext';

jest.setTimeout(60_000);

const TEMPLATE = 'FROM {{ mirror.reference }}\nCOPY motd /etc/motd\n';
const OLD = '3.21.3-core1.0.0';
const NEW = '3.21.3-core1.1.0';
const MIRROR = '3.21.3';
const REPOSITORY = 'bases/alpine';

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

describe('a base that cannot be built', () => {
  let knex: Knex;
  let registry: TestRegistry;
  let client: RegistryClient;
  let folder: string;
  let base: BaseDefinition;

  beforeEach(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init('SQLITE_3') }),
    );
    registry = await TestRegistry.start();
    client = RegistryClient.create({ host: registry.host, insecure: true });
    folder = await mkdtemp(join(tmpdir(), 'imglife-bad-'));
    await mkdir(join(folder, 'context'));
    await write('motd', 'hello\n');
    await write('Dockerfile.tmpl', TEMPLATE);
    await writeFile(join(folder, 'secret'), TEMPLATE);
    base = {
      name: 'alpine',
      configPath: 'imglife.bases.entries[0]',
      kind: 'core',
      coreVersion: '1.0.0',
      tagFormat: '{{ upstreamTag }}-core{{ coreVersion }}',
      floatingTags: ['latest'],
      builder: 'embedded',
      from: { mirror: 'alpine', track: 'latest' },
      target: { registry: registry.host, repository: REPOSITORY },
      context: join(folder, 'context'),
      template: 'Dockerfile.tmpl',
      args: {},
      hash: '1',
    };
    await mirror('first');
    // what is published before
    await run();
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
    await rm(folder, { recursive: true });
    await knex.destroy();
  });

  function write(file: string, text: string): Promise<void> {
    return writeFile(join(folder, 'context', file), text);
  }

  const template = (text: string) => write('Dockerfile.tmpl', text);

  /** As sync leaves it. */
  async function mirror(content: string): Promise<void> {
    const platforms = ['linux/amd64'];
    const { digest } = await pushImage(registry.host, {
      repository: 'mirrors/alpine',
      tag: MIRROR,
      platforms,
      layers: [{ 'etc/release': content }],
    });
    const parsed = parseTag(MIRROR);
    await knex<MirrorTagTable>('mirror_tag')
      .insert({
        mirror: 'alpine',
        repository: `${registry.host}/mirrors/alpine`,
        tag: MIRROR,
        family: parsed.family,
        version_key: versionKey(parsed),
        digest,
        upstream_repository: 'docker.io/library/alpine',
        upstream_tag: MIRROR,
        platforms: JSON.stringify(platforms),
        state: 'current',
        selected: true,
      })
      .onConflict(['repository', 'tag'])
      .merge(['digest']);
  }

  /** @returns the item of the base, without those of floating tags */
  async function run(): Promise<RunItem> {
    const items: RunItem[] = [];
    const schedule = { frequencyMs: 1, timeoutMs: 1 };
    const embedded = EmbeddedBuilder.create({
      registries: { clientFor: () => client },
    });
    await DefaultBaseService.create({
      definitions: {
        registries: [],
        mirrors: {
          schedule,
          verify: schedule,
          entries: [
            {
              name: 'alpine',
              configPath: 'imglife.mirrors.entries[0]',
              source: { registry: 'docker.io', repository: 'library/alpine' },
              target: { registry: registry.host, repository: 'mirrors/alpine' },
              tags: { names: [], cycles: 'all' },
              lifecycle: { extendedSupport: false },
              hash: '1',
            },
          ],
        },
        bases: {
          schedule,
          concurrency: 2,
          secrets: [],
          hooks: { afterBuild: [] },
          entries: [base],
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
      trees: { read: async () => ({ folder }) },
      store: DatabaseBaseStore.create({ knex }),
      builders: new Map<string, ImageBuilder>([
        ['embedded', embedded],
        [
          'runs',
          {
            id: 'runs',
            canBuild: () => ({ ok: true }),
            build: (request, context) => embedded.build(request, context),
            smoke: async ({ command: [program] }) => {
              throw new Error(`it ended with ${program === 'true' ? 0 : 1}`);
            },
          },
        ],
      ]),
      notifications: { send: async () => {} },
      lifecycle: {
        load: async () =>
          ({
            judge: () => ({ support: 'unknown', eol: [] }),
          } as Partial<LifecycleData> as LifecycleData),
      },
      recomputer: { recompute: async () => {} },
      now: () => new Date(),
      logger: mockServices.logger.mock(),
    }).run({
      id: 'run',
      kind: 'build',
      dryRun: false,
      force: false,
      actor: 'user:default/guest',
      signal: new AbortController().signal,
      log: () => {},
      item: item => items.push(item),
      progress: () => {},
    });
    return items.filter(({ action }) => action !== 'tag')[0];
  }

  const refuse = (method: string, path: RegExp) => {
    const action = { kind: 'status', status: 403, code: 'DENIED' } as const;
    registry.fail({ method, path, times: 99, action });
  };

  it.each<[string, () => unknown, RegExp]>([
    [
      'a template with bad syntax',
      () => template('FROM {{ mirror.reference }}\n{% if x }\n'),
      /Dockerfile\.tmpl, line 2: /,
    ],
    [
      'an unknown variable',
      () => template('FROM {{ mirror.reference }}\nUSER {{ nobody }}\n'),
      /Dockerfile\.tmpl, line 2: there is no variable "nobody"; known are /,
    ],
    [
      'an unknown argument',
      () => template('FROM {{ mirror.reference }}\nUSER {{ args.USER }}\n'),
      /line 2: there is no variable "args\.USER"/,
    ],
    [
      'an unknown filter',
      () => template('FROM {{ mirror.reference | pin }}\n'),
      /line 1: .*filter: pin/,
    ],
    [
      'an instruction that there is not',
      () => template('FROM {{ mirror.reference }}\nINSTALL vim\n'),
      /INSTALL in line 2/,
    ],
    [
      'RUN, which takes a process',
      () => template('FROM {{ mirror.reference }}\n\nRUN apk add tzdata\n'),
      /^RUN in line 3 .*buildah, docker and buildkit/,
    ],
    [
      'another image below',
      () => template('FROM scratch\nCOPY motd /\n'),
      /does not stand on the mirror/,
    ],
    [
      'a mirror that its registry does not give',
      async () => {
        const { digest = '' } =
          (await client.headManifest('mirrors/alpine', MIRROR)) ?? {};
        refuse('GET', new RegExp(`mirrors/alpine/manifests/${digest}`));
      },
      /mirrors\/alpine@sha256:\w+: GET was answered with 403/,
    ],
    [
      'a context that is not there',
      () => rm(join(folder, 'context'), { recursive: true }),
      /There is no file .*context\/Dockerfile\.tmpl/,
    ],
    [
      'a context that is too large',
      async () => {
        await write('large', '');
        const file = join(folder, 'context/large');
        await truncate(file, MAX_CONTEXT_BYTES);
      },
      /holds \d+ bytes, over 2147483648; leave files out by \.dockerignore/,
    ],
    [
      'a template outside of the context',
      () => {
        base.template = '../secret';
      },
      /imglife\.bases\.entries\[0\]\.template names: .* lies outside the context/,
    ],
    [
      'a template behind a link out of the context',
      async () => {
        await symlink('../secret', join(folder, 'context/link'));
        base.template = 'link';
      },
      /lies outside the context/,
    ],
    [
      'a file outside of the context',
      () => template('FROM {{ mirror.reference }}\nCOPY ../secret /\n'),
      /^COPY in line 2 .*secret/,
    ],
    [
      'a file behind a link out of the context',
      async () => {
        await symlink(folder, join(folder, 'context/out'));
        await template('FROM {{ mirror.reference }}\nCOPY out/secret /\n');
      },
      /^COPY in line 2 .*out\/secret/,
    ],
    [
      'a builder that is not there',
      () => {
        base.builder = 'kaniko';
      },
      /no builder "kaniko" for base alpine; known: embedded/,
    ],
    [
      'a smoke command that its builder cannot run',
      () => {
        base.smoke = { command: ['true'], timeoutMs: 1000 };
      },
      /base alpine is of builder embedded, which cannot run a command .* smoke: \[\]/,
    ],
    [
      'a smoke command that fails',
      () => {
        base.builder = 'runs';
        base.smoke = { command: ['false'], timeoutMs: 1000 };
      },
      /was not published: its smoke command \["false"\] failed: it ended with 1/,
    ],
    [
      'a registry that takes no blob',
      () => refuse('POST', /bases\/alpine\/blobs\/uploads/),
      /bases\/alpine.*403/,
    ],
    [
      'a registry that takes no manifest',
      () => refuse('PUT', /bases\/alpine\/manifests\/sha256:/),
      /bases\/alpine@sha256:\w+: PUT was answered with 403/,
    ],
    [
      'a registry that takes no tag',
      () => refuse('PUT', new RegExp(`manifests/${NEW}`)),
      new RegExp(`bases/alpine:${NEW}: PUT was answered with 403`),
    ],
  ])('fails clearly and publishes nothing: %s', async (_name, spoil, fault) => {
    const before = await knex<BaseTagTable>('base_tag').orderBy('tag');
    const digest = (await client.headManifest(REPOSITORY, OLD))?.digest;
    expect(digest).toBe(before[0].digest);
    base.coreVersion = '1.1.0';
    await write('motd', 'another\n');
    await spoil();

    const item = await run();
    const error = expect.stringMatching(fault);
    expect(item).toMatchObject({
      reference: `${registry.host}/${REPOSITORY}:${NEW}`,
      action: 'build',
      state: 'failed',
      error,
    });
    const [old, row, ...others] = await knex<BaseTagTable>('base_tag').orderBy(
      'tag',
    );
    expect([old, others]).toEqual([before[0], []]);
    expect(row).toMatchObject({
      tag: NEW,
      state: 'failed',
      digest: null,
      published_at: null,
      error: item.error,
    });
    const builds = await knex<BuildTable>('build').orderBy('id');
    expect(builds.map(build => [build.tag, build.state, build.error])).toEqual([
      [OLD, 'succeeded', null],
      [NEW, 'failed', item.error],
    ]);
    registry.clearFaults();
    expect(await client.listTags(REPOSITORY)).toEqual([OLD, 'latest']);
    for (const tag of [OLD, 'latest']) {
      expect((await client.headManifest(REPOSITORY, tag))?.digest).toBe(digest);
    }
  });

  it('is blocked by a registry that does not let its tag move', async () => {
    const [before] = await knex<BaseTagTable>('base_tag');
    await mirror('second');
    refuse('PUT', new RegExp(`manifests/${OLD}`));
    const item = await run();
    const said = `raise coreVersion of base alpine (now 1.0.0): the registry refuses to set ${registry.host}/${REPOSITORY}:${OLD}`;
    expect(item).toMatchObject({
      reason: 'mirror-moved',
      state: 'failed',
      error: expect.stringContaining(said),
    });
    expect(await knex<BaseTagTable>('base_tag')).toEqual([
      { ...before, state: 'blocked', error: item.error },
    ]);
    registry.clearFaults();
    for (const tag of [OLD, 'latest']) {
      const found = await client.headManifest(REPOSITORY, tag);
      expect(found?.digest).toBe(before.digest);
    }
  });
});
