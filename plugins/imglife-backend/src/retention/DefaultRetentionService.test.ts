import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import { parseTag, versionKey } from '@imglife/backstage-plugin-imglife-common';
import { pushReferrer, RegistryClient } from '@imglife/oci';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import type { Knex } from 'knex';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connectDatabase } from '../database/connectDatabase';
import type {
  ApplicationTable,
  BaseTagTable,
  MirrorTagTable,
  RemovalTable,
} from '../database/tables';
import type { Definitions } from '../definitions/Definitions';
import type { RunContext } from '../runs/RunContext';
import {
  application,
  baseTag,
  baseUse,
  mirrorTag,
  verdict,
} from '../status/__fixtures__/rows';
import { DatabaseRetentionStore } from './DatabaseRetentionStore';
import { DefaultRetentionService } from './DefaultRetentionService';
import { ImageRestorer } from './ImageRestorer';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const NOW = '2026-11-29T12:00:00.000Z';
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const RULES = {
  keepLast: 1,
  per: 'cycle' as const,
  maxAgeDays: 30,
  protect: [],
  overrides: [],
};
const entryOf = (registry: string, tier: string) => ({
  name: 'alpine',
  target: { registry, repository: `${tier}/alpine` },
});
const agoDays = (days: number) =>
  new Date(Date.parse(NOW) - days * DAY_MS).toISOString();

describe.each(databases.eachSupportedId())('retention on %s', id => {
  let knex: Knex;
  let registry: TestRegistry;
  let client: RegistryClient;
  let definitions: Definitions;
  let items: RunItem[];
  let planned: { wanted: Set<string>; followed: Set<string> };
  let clock: string;
  let recompute: jest.Mock;
  let lies:
    | ((request: IncomingMessage, response: ServerResponse) => boolean)
    | undefined;

  beforeEach(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    lies = undefined;
    registry = await TestRegistry.start({
      intercept: (request, response) => lies?.(request, response) ?? false,
    });
    client = RegistryClient.create({ host: registry.host, insecure: true });
    planned = { wanted: new Set(), followed: new Set() };
    recompute = jest.fn(async () => {});
    clock = NOW;
    definitions = {
      retention: {
        schedule: { frequencyMs: DAY_MS, timeoutMs: HOUR_MS },
        bases: RULES,
      },
      mirrors: { entries: [entryOf(registry.host, 'mirrors')] },
      bases: { entries: [entryOf(registry.host, 'bases')] },
      applications: {
        scan: { schedule: { frequencyMs: 6 * HOUR_MS, timeoutMs: HOUR_MS } },
      },
    } as unknown as Definitions;
    await run('scan', {});
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
    await knex.destroy();
  });

  async function run(kind: string, change: object): Promise<void> {
    await knex('run').insert({
      id: `${kind}-${Math.random()}`,
      kind,
      trigger: 'schedule',
      actor: 'imglife-due',
      dry_run: false,
      force: false,
      state: 'succeeded',
      created_at: agoDays(0.1),
      started_at: agoDays(0.1),
      finished_at: agoDays(0.1),
      ...change,
    });
  }

  async function push(repository: string, tag: string, content = tag) {
    return pushImage(registry.host, {
      repository,
      tag,
      platforms: ['linux/amd64', 'linux/arm64'],
      layers: platform => [{ 'etc/release': `${content} ${platform}` }],
    });
  }

  /** Pushes and records a base tag. */
  async function base(tag: string, change: Partial<BaseTagTable> = {}) {
    const { digest, children } = await push('bases/alpine', tag);
    await knex('base_tag').insert(
      baseTag({
        repository: `${registry.host}/bases/alpine`,
        tag,
        digest,
        version_key: versionKey(parseTag(tag)),
        built_at: agoDays(100),
        mirror_reference: null,
        mirror_digest: null,
        ...change,
      }),
    );
    const rows = [digest, ...children.map(child => child.digest)].map(each => ({
      tier: 'bases',
      name: 'alpine',
      repository: `${registry.host}/bases/alpine`,
      tag,
      root_digest: digest,
      digest: each,
      platform: each,
      published_at: agoDays(100),
    }));
    await knex('image_digest').insert(rows);
    return { digest, children };
  }

  async function mirrored(tag: string, change: Partial<MirrorTagTable> = {}) {
    const { digest } = await push('mirrors/alpine', tag);
    await knex('mirror_tag').insert(
      mirrorTag({
        repository: `${registry.host}/mirrors/alpine`,
        tag,
        digest,
        version_key: versionKey(parseTag(tag)),
        pulled_at: agoDays(100),
        selected: false,
        ...change,
      }),
    );
    return digest;
  }

  /** A current application that stands on a base. */
  async function uses(
    reference: string,
    digest = '',
    change: Partial<ApplicationTable> = {},
  ) {
    const [use] = await knex('base_use')
      .insert(baseUse({ reference, digest }))
      .returning('id');
    const [judged] = await knex('verdict')
      .insert(verdict({ base_use_id: use.id }))
      .returning('id');
    await knex('application').insert(
      application({
        repository: `${registry.host}/apps/${use.id}`,
        verdict_id: judged.id,
        ...change,
      }),
    );
  }

  function context(change: Partial<RunContext>): RunContext {
    items = [];
    return {
      id: 'run-1',
      kind: 'retention',
      dryRun: false,
      force: false,
      actor: 'user:default/ada',
      signal: new AbortController().signal,
      log: () => {},
      item: item => items.push(item),
      progress: () => {},
      ...change,
    };
  }

  const tools = () => ({
    registries: {
      clientFor: () => client,
      canonical: (name: object) => name,
    } as never,
    store: DatabaseRetentionStore.create({ knex }),
    recomputer: { recompute },
    now: () => new Date(clock),
  });

  async function retain(change: Partial<RunContext> = {}): Promise<RunItem[]> {
    await DefaultRetentionService.create({
      ...tools(),
      definitions,
      planned: async () => planned,
    }).run(context(change));
    return items;
  }

  async function restore(reference: string): Promise<RunItem[]> {
    await ImageRestorer.create(tools()).run(
      context({ kind: 'restore', target: reference }),
    );
    return items;
  }

  const told = (all: RunItem[]) =>
    all
      .map(item => [
        item.reference.slice(item.reference.lastIndexOf(':') + 1),
        item.action,
        item.state,
      ])
      .sort();
  const tags = async (repository: string) =>
    client.listTags(repository).catch(() => []);
  const basesLeft = async () =>
    (
      await knex<BaseTagTable>('base_tag').whereNotNull('digest').orderBy('tag')
    ).map(row => row.tag);
  const removals = () => knex<RemovalTable>('removal').orderBy('id');
  const at = (path: string) => `${registry.host}/${path}`;

  it('says in a dry run what it then does, and does it once', async () => {
    await base('3.21.1');
    await base('3.21.2');
    const { digest } = await base('3.21.3');
    await uses(at('bases/alpine:3.21.2'));
    await base('3.21.4', { built_at: agoDays(3) });

    const plan = await retain({ dryRun: true });
    expect(told(plan)).toEqual([
      ['3.21.1', 'delete', 'planned'],
      ['3.21.2', 'keep', 'skipped'],
      ['3.21.3', 'delete', 'planned'],
      ['3.21.4', 'keep', 'skipped'],
    ]);
    expect(await tags('bases/alpine')).toHaveLength(4);
    expect(await removals()).toEqual([]);
    expect(plan.find(item => item.reference.endsWith('2'))?.reason).toBe(
      'is used by a current application',
    );

    const done = await retain();
    expect(
      done.map(({ reference, action, reason }) => [reference, action, reason]),
    ).toEqual(
      plan.map(({ reference, action, reason }) => [reference, action, reason]),
    );
    expect(await tags('bases/alpine')).toEqual(['3.21.2', '3.21.4']);
    expect(await basesLeft()).toEqual(['3.21.2', '3.21.4']);
    expect(recompute).toHaveBeenCalledWith('retention');
    const rows = await removals();
    expect(rows.map(row => row.tag)).toEqual(['3.21.1', '3.21.3']);
    expect(rows[1]).toMatchObject({
      tier: 'bases',
      name: 'alpine',
      repository: at('bases/alpine'),
      digest,
      reason: 'is number 2 of its cycle 3.21; is 100 days old',
      archive_reference: null,
      run_id: 'run-1',
      actor: 'user:default/ada',
      at: NOW,
    });
    expect(
      await knex<BaseTagTable>('base_tag').where({ tag: '3.21.3' }).first(),
    ).toMatchObject({ state: 'removed', digest: null, input_hash: null });

    expect(told(await retain())).toEqual([
      ['3.21.2', 'keep', 'skipped'],
      ['3.21.4', 'keep', 'skipped'],
    ]);
    expect(await removals()).toHaveLength(2);
  });

  it('keeps what is used by digest, by a platform, as a candidate, by a base, or wanted', async () => {
    const names = ['1', '2', '3', '4', '5', '6', '7', '8'].map(
      n => `3.21.${n}`,
    );
    const pushed = new Map<string, Awaited<ReturnType<typeof base>>>();
    for (const name of names) {
      pushed.set(name, await base(name));
    }
    await base('3.21.9', {
      mirror_reference: at('bases/alpine:3.21.5'),
      mirror_digest: pushed.get('3.21.6')!.digest,
    });
    await uses('?', pushed.get('3.21.1')!.children[1].digest);
    await uses('other.test/x:1', '', {
      detection: JSON.stringify({
        method: 'chain',
        confidence: 'low',
        mismatch: false,
        candidates: [at('bases/alpine:3.21.3')],
      }),
    });
    const app = await knex<ApplicationTable>('application').first('id');
    const judged = await knex('verdict').first('id');
    await knex('application_platform').insert({
      application_id: app!.id,
      position: 1,
      platform: 'linux/arm64',
      base_reference: at('bases/alpine:3.21.2'),
      verdict_id: judged.id,
    });
    planned = {
      wanted: new Set([at('bases/alpine:3.21.4')]),
      followed: new Set([at('bases/alpine:3.21.7')]),
    };
    const reasons = new Map(
      (await retain()).map(item => [
        item.reference.split(':').at(-1),
        item.reason,
      ]),
    );
    expect(reasons.get('3.21.1')).toBe(
      'is used by its digest by a current application',
    );
    expect(reasons.get('3.21.2')).toBe('is used by a current application');
    expect(reasons.get('3.21.3')).toBe(
      'is used by a current application, as it may be',
    );
    expect(reasons.get('3.21.4')).toBe('is what its base is to have now');
    expect(reasons.get('3.21.5')).toBe(
      `is used by base ${at('bases/alpine:3.21.9')}`,
    );
    expect(reasons.get('3.21.6')).toBe(
      `is used by its digest by base ${at('bases/alpine:3.21.9')}`,
    );
    expect(reasons.get('3.21.7')).toBe('is followed by a base');
    expect(await tags('bases/alpine')).toEqual(
      [...names, '3.21.9'].filter(name => name !== '3.21.8'),
    );
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['no scan', () => knex('run').delete(), 'no scan of applications'],
    [
      'a failed scan',
      () => run('scan', { state: 'failed', finished_at: NOW, error: 'away' }),
      'failed at 2026-11-29T12:00:00.000Z (away)',
    ],
    [
      'a stale scan',
      () => knex('run').update({ finished_at: agoDays(2) }),
      'longer ago than its schedule allows',
    ],
    [
      'no application',
      () => knex('application').delete(),
      'no current application',
    ],
  ])(
    'deletes nothing with %s, and says so in a dry run too',
    async (_, change, words) => {
      await base('3.21.1');
      await base('3.21.2');
      await uses(at('bases/alpine:3.21.2'));
      await change();
      for (const dryRun of [true, false]) {
        await expect(retain({ dryRun })).rejects.toThrow(words);
        expect(items).toEqual([]);
      }
      expect(await tags('bases/alpine')).toEqual(['3.21.1', '3.21.2']);
    },
  );

  it('decides again right before it deletes', async () => {
    await base('3.21.1');
    await base('3.21.2');
    await base('3.21.3');
    await uses(at('bases/alpine:3.21.3'));
    let asked = 0;
    const store = DatabaseRetentionStore.create({ knex });
    const usage = store.usage.bind(store);
    store.usage = async () => {
      asked += 1;
      if (asked === 2) {
        await uses(at('bases/alpine:3.21.1'));
      }
      return usage();
    };
    await DefaultRetentionService.create({
      ...tools(),
      store,
      definitions,
      planned: async () => planned,
    }).run(context({}));
    expect(await tags('bases/alpine')).toEqual(['3.21.1', '3.21.3']);
    expect(told(items)).toContainEqual(['3.21.1', 'keep', 'skipped']);
  });

  it('stops when who uses what is no longer known', async () => {
    await base('3.21.1');
    await base('3.21.2');
    await uses(at('bases/alpine:3.21.2'));
    const store = DatabaseRetentionStore.create({ knex });
    const facts = store.usageFacts.bind(store);
    let asked = 0;
    store.usageFacts = async () => {
      asked += 1;
      return { ...(await facts()), ...(asked > 1 && { lastScan: undefined }) };
    };
    const service = DefaultRetentionService.create({
      ...tools(),
      store,
      definitions,
      planned: async () => planned,
    });
    await expect(service.run(context({}))).rejects.toThrow('no scan');
    expect(await tags('bases/alpine')).toHaveLength(2);
  });

  it('lists each failure, and goes on with the others', async () => {
    for (const tag of ['3.21.1', '3.21.2', '3.21.3', '3.21.4']) {
      await base(tag);
    }
    await uses('other.test/x:1');
    const { digest } = (await knex('base_tag')
      .where({ tag: '3.21.2' })
      .first())!;
    registry.fail({
      method: 'DELETE',
      path: new RegExp(digest),
      action: { kind: 'status', status: 403 },
    });
    expect(told(await retain())).toEqual([
      ['3.21.1', 'delete', 'done'],
      ['3.21.2', 'delete', 'failed'],
      ['3.21.3', 'delete', 'done'],
      ['3.21.4', 'keep', 'skipped'],
    ]);
    expect(items.find(item => item.error)?.error).toContain('403');
    expect(await basesLeft()).toEqual(['3.21.2', '3.21.4']);
    // the tag went before the failure: the next round finishes and records it
    expect(told(await retain())[0]).toEqual(['3.21.2', 'delete', 'done']);
    expect(await basesLeft()).toEqual(['3.21.4']);
  });

  it('leaves a tag that is another image at the registry', async () => {
    await base('3.21.1');
    await base('3.21.2');
    await uses('other.test/x:1');
    const { digest } = await push('bases/alpine', '3.21.1', 'pushed over it');
    expect(told(await retain())[0]).toEqual(['3.21.1', 'keep', 'skipped']);
    expect((await client.headManifest('bases/alpine', '3.21.1'))?.digest).toBe(
      digest,
    );
  });

  it.each([true, false])(
    'leaves tags that share the digest, deletes by tag: %s',
    async deleteTags => {
      registry.capabilities.deleteTags = deleteTags;
      const { digest } = await base('3.21.1');
      await base('3.21.2');
      await uses('other.test/x:1');
      const { bytes, descriptor } = await client.getManifest(
        'bases/alpine',
        digest,
      );
      await client.putManifest(
        'bases/alpine',
        'latest',
        bytes,
        descriptor.mediaType,
      );
      await retain();
      expect(await tags('bases/alpine')).toEqual(['3.21.2', 'latest']);
      expect(
        (await client.headManifest('bases/alpine', 'latest'))?.digest,
      ).toBe(digest);
      expect(items[0].reason).toContain('its image stays, another tag has it');
    },
  );

  describe('with an archive', () => {
    beforeEach(async () => {
      definitions.retention.bases = {
        ...RULES,
        archive: {
          to: { registry: registry.host, repository: 'archive' },
          keepDays: 60,
        },
      };
      await uses('other.test/x:1');
    });

    const archived = 'archive/bases/alpine';
    const digestAt = async (repository: string, tag: string) =>
      (await client.headManifest(repository, tag))?.digest;

    async function sign(digest: string) {
      const descriptor = await client.headManifest('bases/alpine', digest);
      await pushReferrer(
        {
          client,
          repository: 'bases/alpine',
          subject: { ...descriptor!, digest },
        },
        { artifactType: 'application/test', content: Buffer.from('signed') },
      );
    }

    it('copies first, with referrers, and brings back what was there', async () => {
      const { digest } = await base('3.21.1', { inputs: '{"a":"1"}' });
      await sign(digest);
      await base('3.21.2');
      const plan = await retain({ dryRun: true });
      expect(plan[0].reason).toContain(`; archived to ${at('archive')} first`);
      expect(await tags(archived)).toEqual([]);

      await retain();
      expect(await tags('bases/alpine')).toEqual(['3.21.2']);
      expect(await digestAt(archived, '3.21.1')).toBe(digest);
      expect(await client.listReferrers(archived, digest)).toHaveLength(1);
      expect(await removals()).toMatchObject([
        { archive_reference: at(`${archived}:3.21.1`), restored_at: null },
      ]);

      clock = agoDays(-10);
      const reference = at('bases/alpine:3.21.1');
      expect(told(await restore(reference))).toEqual([
        ['3.21.1', 'restore', 'done'],
      ]);
      expect(await digestAt('bases/alpine', '3.21.1')).toBe(digest);
      expect(await client.listReferrers('bases/alpine', digest)).toHaveLength(
        1,
      );
      expect(
        await knex<BaseTagTable>('base_tag').where({ tag: '3.21.1' }).first(),
      ).toMatchObject({
        digest,
        state: 'published',
        input_hash: 'h',
        inputs: '{"a":"1"}',
      });
      expect(await removals()).toMatchObject([
        { restored_at: clock, restored_by: 'user:default/ada' },
      ]);
      // a second time is as the first, and the rules count from then on
      await restore(reference);
      await run('scan', { finished_at: clock });
      expect(told(await retain())[0]).toEqual(['3.21.1', 'keep', 'skipped']);
      expect(items[0].reason).toBe('is 0 days old, 30 are kept');
    });

    it('converges when it dies between archive, delete and record', async () => {
      const { digest } = await base('3.21.1');
      await base('3.21.2');
      const store = DatabaseRetentionStore.create({ knex });
      const service = DefaultRetentionService.create({
        ...tools(),
        store,
        definitions,
        planned: async () => planned,
      });
      // between archive and delete
      let asked = 0;
      jest.spyOn(store, 'usage').mockImplementation(async () => {
        asked += 1;
        if (asked > 1) {
          throw new Error('killed');
        }
        return DatabaseRetentionStore.create({ knex }).usage();
      });
      await service.run(context({}));
      expect(items[0]).toMatchObject({
        state: 'failed',
        error: expect.stringContaining('killed'),
      });
      expect(await digestAt(archived, '3.21.1')).toBe(digest);
      expect(await digestAt('bases/alpine', '3.21.1')).toBe(digest);
      jest.restoreAllMocks();
      // between delete and record
      jest.spyOn(store, 'recordRemoval').mockRejectedValue(new Error('killed'));
      await service.run(context({}));
      expect(await digestAt('bases/alpine', '3.21.1')).toBeUndefined();
      expect(await removals()).toEqual([]);

      expect(told(await retain())).toEqual([
        ['3.21.1', 'delete', 'done'],
        ['3.21.2', 'keep', 'skipped'],
      ]);
      expect(items[0].reason).toContain('was gone at the registry');
      expect(await removals()).toMatchObject([
        { digest, archive_reference: at(`${archived}:3.21.1`) },
      ]);
      await restore(at('bases/alpine:3.21.1'));
      expect(await digestAt('bases/alpine', '3.21.1')).toBe(digest);
    });

    it('keeps the tag when it cannot be archived', async () => {
      await base('3.21.1');
      await base('3.21.2');
      registry.fail({
        method: 'PUT',
        path: /archive\/.*manifests/,
        times: Infinity,
        action: { kind: 'status', status: 403 },
      });
      expect(told(await retain())[0]).toEqual(['3.21.1', 'delete', 'failed']);
      expect(await tags('bases/alpine')).toEqual(['3.21.1', '3.21.2']);
      expect(await removals()).toEqual([]);
    });

    it('keeps the tag when the copy has another digest', async () => {
      await base('3.21.1');
      await base('3.21.2');
      let isCopied = false;
      lies = ({ method, url = '' }, response) => {
        const isTag = url === `/v2/${archived}/manifests/3.21.1`;
        const isLie = isTag && isCopied && method === 'HEAD';
        isCopied ||= isTag && method === 'PUT';
        if (isLie) {
          response
            .writeHead(200, {
              'content-type': 'application/vnd.oci.image.index.v1+json',
              'content-length': '2',
              'docker-content-digest': `sha256:${'0'.repeat(64)}`,
            })
            .end();
        }
        return isLie;
      };
      expect(told(await retain())[0]).toEqual(['3.21.1', 'delete', 'failed']);
      expect(items[0].error).toContain('instead of sha256:');
      expect(await tags('bases/alpine')).toEqual(['3.21.1', '3.21.2']);
    });

    it('keeps the tag when its image is not found to be copied', async () => {
      const { digest } = await base('3.21.1');
      await base('3.21.2');
      let asked = 0;
      lies = ({ method, url = '' }, response) => {
        const isLie =
          method === 'HEAD' &&
          url === `/v2/bases/alpine/manifests/${digest}` &&
          asked === 0;
        asked += isLie ? 1 : 0;
        if (isLie) {
          response.writeHead(404).end();
        }
        return isLie;
      };
      expect(told(await retain())[0]).toEqual(['3.21.1', 'delete', 'failed']);
      expect(items[0].error).toContain('nothing was archived');
      expect(await tags('bases/alpine')).toEqual(['3.21.1', '3.21.2']);
      expect(told(await retain())[0]).toEqual(['3.21.1', 'delete', 'done']);
      expect(await digestAt(archived, '3.21.1')).toBe(digest);
    });

    it('overwrites nothing in the archive', async () => {
      const other = await push(archived, '3.21.1', 'of somebody else');
      const { digest } = await base('3.21.1');
      await base('3.21.2');
      await retain();
      const named = `3.21.1-${digest.slice(7, 19)}`;
      expect(await digestAt(archived, '3.21.1')).toBe(other.digest);
      expect(await digestAt(archived, named)).toBe(digest);
      expect(await removals()).toMatchObject([
        { archive_reference: at(`${archived}:${named}`) },
      ]);
    });

    it('deletes copies after keepDays, unless they are protected or used', async () => {
      const { digest } = await base('3.21.1');
      await base('3.21.2');
      await base('3.21.3');
      await base('3.21.4');
      await retain();
      expect(await tags(archived)).toEqual(['3.21.1', '3.21.2', '3.21.3']);
      const later = async (days: number) => {
        clock = agoDays(-days);
        await run('scan', { finished_at: clock });
        return told(await retain());
      };
      expect(await later(60)).toEqual([['3.21.4', 'keep', 'skipped']]);
      definitions.retention.bases!.protect = ['3\\.21\\.2'];
      await uses(at(`${archived}:3.21.3`));
      clock = agoDays(-61);
      await run('scan', { finished_at: clock });
      expect(told(await retain({ dryRun: true }))).toEqual([
        ['3.21.1', 'delete-archive', 'planned'],
        ['3.21.2', 'delete-archive', 'skipped'],
        ['3.21.3', 'delete-archive', 'skipped'],
        ['3.21.4', 'keep', 'skipped'],
      ]);
      expect(await tags(archived)).toHaveLength(3);
      await retain();
      expect(await tags(archived)).toEqual(['3.21.2', '3.21.3']);
      expect(await client.headManifest(archived, digest)).toBeUndefined();
      await expect(restore(at('bases/alpine:3.21.1'))).rejects.toThrow(
        'keeps no copy',
      );
    });

    it('brings nothing back over another image', async () => {
      await base('3.21.1');
      await base('3.21.2');
      await retain();
      const { digest } = await push('bases/alpine', '3.21.1', 'built again');
      await expect(restore(at('bases/alpine:3.21.1'))).rejects.toThrow(
        `is ${digest} by now`,
      );
      expect(await digestAt('bases/alpine', '3.21.1')).toBe(digest);
    });
  });

  describe('of mirrors', () => {
    beforeEach(async () => {
      definitions.retention = {
        schedule: definitions.retention.schedule,
        mirrors: RULES,
      };
      definitions.bases.entries = [];
      await knex('run').delete();
      await knex('definition').insert({
        kind: 'mirror',
        name: 'alpine',
        hash: '1',
        source: 'x',
        since: agoDays(5),
      });
    });

    it('waits for a sync with the present rules', async () => {
      await mirrored('3.21.1');
      await mirrored('3.21.2');
      await run('sync', { target: 'alpine', started_at: agoDays(6) });
      expect(told(await retain())).toEqual([
        [`${registry.host.split(':')[1]}/mirrors/alpine`, 'keep', 'failed'],
      ]);
      expect(items[0].error).toContain('was not synced since its rules');
      await run('sync', { target: 'alpine', state: 'failed' });
      expect((await retain())[0].state).toBe('failed');
      await run('sync', { target: null });
      expect(told(await retain())[0]).toEqual(['3.21.1', 'delete', 'done']);
    });

    it('asks no usage without bases, and keeps what is selected or of unknown age', async () => {
      await run('sync', { target: 'alpine' });
      await mirrored('3.21.1');
      await mirrored('3.21.2', { selected: true });
      await mirrored('3.21.3', { pulled_at: null });
      await mirrored('3.21.4');
      const plan = await retain({ dryRun: true });
      expect(plan.map(({ reason }) => reason)).toEqual([
        'is number 4 of its cycle 3.21; is 100 days old',
        'is selected by its mirror',
        'its age is not known',
        'is the newest of its cycle 3.21; is number 1 of its cycle 3.21, 1 are kept',
      ]);
      await retain();
      expect(await tags('mirrors/alpine')).toEqual([
        '3.21.2',
        '3.21.3',
        '3.21.4',
      ]);
      expect(
        await knex<MirrorTagTable>('mirror_tag')
          .where({ tag: '3.21.1' })
          .first(),
      ).toMatchObject({
        state: 'removed',
        digest: null,
        upstream_digest: null,
        first_pulled_at: '2026-01-01T00:00:00.000Z',
      });
    });
  });

  it('deletes earlier applications only, and marks them gone', async () => {
    definitions.retention.applications = RULES;
    delete definitions.retention.bases;
    await uses('other.test/x:1');
    const repository = at('apps/shop');
    const [judged] = await knex('verdict').select('id');
    const rows: Array<[string, string, number]> = [
      ['1.0.0', 'earlier', 300],
      ['1.1.0', 'earlier', 200],
      ['1.2.0', 'current', 100],
      ['1.3.0', 'earlier', 100],
    ];
    for (const [tag, state, days] of rows) {
      const { digest } = await push('apps/shop', tag);
      await knex('application').insert(
        application({
          repository,
          tag,
          digest,
          state,
          built_at: agoDays(days),
          verdict_id: judged.id,
        }),
      );
    }
    expect(told(await retain())).toEqual([
      ['1.0.0', 'delete', 'done'],
      ['1.1.0', 'delete', 'done'],
      ['1.2.0', 'keep', 'skipped'],
      ['1.3.0', 'keep', 'skipped'],
    ]);
    expect(await tags('apps/shop')).toEqual(['1.2.0', '1.3.0']);
    const states = await knex<ApplicationTable>('application')
      .where({ repository })
      .orderBy('tag')
      .select('state');
    expect(states.map(({ state }) => state)).toEqual([
      'gone',
      'gone',
      'current',
      'earlier',
    ]);
  });

  it('says that nothing is configured', async () => {
    delete definitions.retention.bases;
    await expect(retain()).rejects.toThrow('has no rules for any tier');
  });
});
