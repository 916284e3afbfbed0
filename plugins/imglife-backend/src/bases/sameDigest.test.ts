import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  parseTag,
  versionKey,
  type RunItem,
} from '@imglife/backstage-plugin-imglife-common';
import { RegistryClient } from '@imglife/oci';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import type { MirrorTagTable } from '../database/tables';
import type { BaseDefinition } from '../definitions/Definitions';
import type { LifecycleData } from '../lifecycle/LifecycleService';
import { DatabaseBaseStore } from './DatabaseBaseStore';
import { DefaultBaseService } from './DefaultBaseService';
import { EmbeddedBuilder } from './embedded/EmbeddedBuilder';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const TAG = '3.21.3';
const DAYS = ['2026-06-01T12:00:00Z', '2026-06-02T23:59:59Z'];
const BASES = 200;

describe('what is built twice', () => {
  let registry: TestRegistry;
  let client: RegistryClient;
  let folder: string;
  let mirrorDigest: string;
  let knex: Knex | undefined;

  beforeAll(async () => {
    registry = await TestRegistry.start();
    client = RegistryClient.create({ host: registry.host, insecure: true });
    folder = await mkdtemp(join(tmpdir(), 'imglife-same-'));
    await writeFile(join(folder, 'motd'), 'hello\n');
    await writeFile(join(folder, 'tool'), '#!/bin/sh\n', { mode: 0o755 });
    const { digest } = await pushImage(registry.host, {
      repository: 'mirrors/alpine',
      tag: TAG,
      platforms: PLATFORMS,
      layers: platform => [{ 'etc/release': platform }],
    });
    mirrorDigest = digest;
  });

  afterAll(async () => {
    await client.close();
    await registry.stop();
    await rm(folder, { recursive: true });
  });

  afterEach(() => knex?.destroy());

  async function newDatabase(id: 'SQLITE_3' | 'POSTGRES_18'): Promise<Knex> {
    const made = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    const { family } = parseTag(TAG);
    await made<MirrorTagTable>('mirror_tag').insert({
      mirror: 'alpine',
      repository: `${registry.host}/mirrors/alpine`,
      tag: TAG,
      family,
      version_key: versionKey(parseTag(TAG)),
      digest: mirrorDigest,
      upstream_repository: 'docker.io/library/alpine',
      upstream_tag: TAG,
      platforms: JSON.stringify(PLATFORMS),
      image_created: '2026-01-01T00:00:00Z',
      state: 'current',
      selected: true,
      product: 'alpine-linux',
      cycle: '3.21',
    });
    return made;
  }

  function definition(
    name: string,
    repository: string,
    instructions: string,
  ): BaseDefinition {
    return {
      name,
      configPath: 'imglife.bases.entries[0]',
      kind: 'core',
      coreVersion: '1.0.0',
      tagFormat: '{{ upstreamTag }}-core{{ coreVersion }}',
      builder: 'embedded',
      from: { mirror: 'alpine', tag: TAG },
      target: { registry: registry.host, repository },
      context: folder,
      template: `FROM {{ mirror.reference }}\n${instructions}\n`,
      args: {},
      floatingTags: [],
      owner: 'group:default/platform',
      hash: '1',
    };
  }

  /** @returns digest or state by the base's repository */
  async function build(now: string, entries: BaseDefinition[]) {
    const items: RunItem[] = [];
    const judge: LifecycleData['judge'] = () => ({
      support: 'supported',
      eolDate: '2026-11-01',
      eol: [],
    });
    const target = { registry: registry.host, repository: 'mirrors/alpine' };
    await DefaultBaseService.create({
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
              target,
              tags: { names: [], cycles: 'all' },
              lifecycle: { extendedSupport: false },
              hash: '1',
            },
          ],
        },
        bases: {
          schedule: { frequencyMs: 1, timeoutMs: 1 },
          concurrency: 4,
          secrets: [],
          hooks: { afterBuild: [] },
          entries,
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
      store: DatabaseBaseStore.create({ knex: knex! }),
      builders: new Map([
        [
          'embedded',
          EmbeddedBuilder.create({ registries: { clientFor: () => client } }),
        ],
      ]),
      notifications: { send: async () => {} },
      lifecycle: { load: async () => ({ judge } as LifecycleData) },
      recomputer: { recompute: async () => {} },
      now: () => new Date(now),
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
    return items;
  }

  it('has the same digest on two days, on SQLite and on PostgreSQL', async () => {
    const digests: Array<string | undefined> = [];
    for (const id of databases.eachSupportedId().flat()) {
      for (const [day, now] of DAYS.entries()) {
        knex = await newDatabase(id as 'SQLITE_3');
        const repository = `bases/${id.toLowerCase()}-${day}`;
        const items = await build(now, [
          definition(
            'alpine',
            repository,
            'LABEL c="{{ created }}"\nCOPY . /srv/\nWORKDIR /work',
          ),
        ]);
        expect(items.map(({ state }) => state)).toEqual(['done']);
        const found = await client.headManifest(repository, `${TAG}-core1.0.0`);
        digests.push(found?.digest);
        await knex.destroy();
      }
    }
    expect(digests[0]).toMatch(/^sha256:/);
    expect(new Set(digests).size).toBe(1);
  });

  it.each(databases.eachSupportedId())(
    'costs at most a request for each of 200 bases when there is nothing to do, on %s',
    async id => {
      knex = await newDatabase(id as 'SQLITE_3');
      const entries = Array.from({ length: BASES }, (_, index) =>
        definition(
          `base-${index}`,
          `many/${id.toLowerCase()}-${index}`,
          'LABEL team=platform',
        ),
      );
      const first = await build(DAYS[0], entries);
      expect(first.filter(({ state }) => state === 'done')).toHaveLength(BASES);
      registry.clearRequests();
      const start = performance.now();
      const second = await build(DAYS[1], entries);
      const elapsedMs = performance.now() - start;
      expect(second.map(({ action }) => action)).toEqual(
        Array.from({ length: BASES }, () => 'none'),
      );
      expect(registry.requests.length).toBeLessThanOrEqual(BASES);
      expect(elapsedMs).toBeLessThan(2000);
    },
  );
});
