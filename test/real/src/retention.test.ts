import { RegistryClient } from '@imglife/oci';
import {
  describeWithComponents,
  pushImage,
  TestRegistry,
} from '@imglife/test-registry';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DebianRegistry } from './DebianRegistry';
import { PostgresDatabases } from './PostgresDatabases';
import { CI_TOKEN, PLATFORM_TOKEN, RealBackend } from './RealBackend';

jest.setTimeout(300_000);

const SYNC_MS = 120_000;
const TAKEN_UP_MS = 60_000;
const OLD = Array.from({ length: 25 }, (_, index) => `3.21.${index}`);
const NEWEST = '3.21.25';
const AGED = '2025-01-01T00:00:00.000Z';

const databases = PostgresDatabases.create();
let folder: string;
let upstream: TestRegistry;
let own: DebianRegistry;
let client: RegistryClient;
let backend: RealBackend;

function configured(regex: string) {
  const rules = {
    keepLast: 1,
    maxAgeDays: 30,
    archive: { to: `${own.host}/archive` },
  };
  return {
    folder,
    databases,
    alone: true,
    imglife: {
      registries: [
        { host: upstream.host, insecure: true },
        { host: own.host, insecure: true },
      ],
      tiers: { mirrors: `${own.host}/mirrors`, bases: `${own.host}/bases` },
      mirrors: {
        entries: [
          { source: `${upstream.host}/library/alpine`, tags: { regex } },
        ],
      },
      retention: { mirrors: rules },
    },
  };
}

const tags = async (repository: string) =>
  (await client.listTags(repository).catch(() => [])).sort();
const cli = (...args: string[]) => backend.cliAs(PLATFORM_TOKEN, ...args);

describeWithComponents(
  ['docker-registry'],
  'retention of a docker-registry',
  () => {
    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-real-retain-'));
      upstream = await TestRegistry.start();
      own = await DebianRegistry.start(path.join(folder, 'registry'));
      client = RegistryClient.create({ host: own.host, insecure: true });
      for (const tag of [...OLD, NEWEST]) {
        await pushImage(upstream.host, {
          repository: 'library/alpine',
          tag,
          platforms: ['linux/amd64', 'linux/arm64'],
          layers: platform => [{ 'etc/release': `${tag} ${platform}` }],
        });
      }
      backend = await RealBackend.start(configured('.*'));
      await backend.waitFor('all tags', SYNC_MS, async () => {
        const rows = await backend.rows<{ state: string }>('mirrors');
        return rows.length === OLD.length + 1;
      });
      await backend.stop();
      await databases.query('update mirror_tag set pulled_at = $1', [AGED]);
      // somebody's own name for one of the images that are to go
      const { bytes, descriptor } = await client.getManifest(
        'mirrors/alpine',
        OLD[3],
      );
      await client.putManifest(
        'mirrors/alpine',
        'pinned',
        bytes,
        descriptor.mediaType,
      );
      backend = await RealBackend.start(configured('3\\.21\\.25'));
      await backend.waitFor('the sync with other rules', SYNC_MS, async () => {
        const [{ count }] = await databases.query<{ count: string }>(
          'select count(*) from mirror_tag where selected',
        );
        return count === '1';
      });
      await backend.run('sync', 'alpine');
      await backend.run('scan');
    });

    afterAll(async () => {
      await backend?.stop();
      await client?.close();
      await own?.stop();
      await upstream?.stop();
      await databases.drop();
      await rm(folder, { recursive: true, force: true });
    });

    it('says what it would do, to those who may ask', async () => {
      const refused = await backend.cliAs(CI_TOKEN, 'retention', '--dry-run');
      expect(refused).toMatchObject({ code: 2 });
      expect(refused.stderr).toContain('imglife.retention.run');
      const plan = await cli('retention', '--dry-run', '--wait');
      expect(plan).toMatchObject({ code: 0 });
      expect(plan.stdout.match(/^planned +delete/gm)).toHaveLength(OLD.length);
      expect(plan.stdout).toMatch(
        /^skipped +keep +\S+:3\.21\.25 +is selected by its mirror; is the newest/m,
      );
      expect(plan.stdout).toContain('nothing was changed');
      expect(await tags('mirrors/alpine')).toHaveLength(OLD.length + 2);
      expect(await tags('archive/mirrors/alpine')).toEqual([]);
    });

    it('converges when it is killed in the middle', async () => {
      const started = await backend.ask('POST', '/api/imglife/v1/runs', {
        body: { kind: 'retention', target: 'mirrors' },
      });
      const { id } = (await started.json()) as { id: string };
      await backend.waitFor('some deletions', SYNC_MS, async () => {
        const left = await tags('mirrors/alpine');
        return left.length < OLD.length - 3;
      });
      await backend.kill();
      const left = await tags('mirrors/alpine');
      expect(left.length).toBeGreaterThan(2);
      // whatever is gone has a copy
      const copies = await tags('archive/mirrors/alpine');
      expect(copies).toEqual(
        expect.arrayContaining(OLD.filter(tag => !left.includes(tag))),
      );

      backend = await RealBackend.start(configured('3\\.21\\.25'));
      const run = await backend.endOfRun(id, TAKEN_UP_MS);
      expect(run).toMatchObject({ state: 'succeeded', error: null });
      expect(await tags('mirrors/alpine')).toEqual([NEWEST, 'pinned']);
      expect(await tags('archive/mirrors/alpine')).toEqual([...OLD].sort());
      const removals = await databases.query<{ tag: string; digest: string }>(
        'select tag, digest from removal order by tag',
      );
      expect(removals.map(({ tag }) => tag)).toEqual([...OLD].sort());
      const pinned = await client.headManifest('mirrors/alpine', 'pinned');
      expect(pinned?.digest).toBe(
        removals.find(({ tag }) => tag === OLD[3])?.digest,
      );
      // a scan has found what somebody named
      const all = await backend.rows<{ tag: string; state: string }>('mirrors');
      expect(
        all.filter(row => row.state !== 'removed').map(row => row.tag),
      ).toEqual([NEWEST, 'pinned']);
      const shown = await backend.get<{ items: Array<{ tag: string }> }>(
        '/api/imglife/v1/mirrors',
      );
      const shownTags = shown.items.map(({ tag }) => tag);
      expect(shownTags).toContain(NEWEST);
      // nothing that was removed; whether upstream has it a sync may have said
      expect([NEWEST, 'pinned']).toEqual(expect.arrayContaining(shownTags));
    });

    it('does nothing a second time, and syncs nothing back', async () => {
      const again = await cli('retention', '--wait', '--output', 'json');
      expect(again.code).toBe(0);
      const { items } = JSON.parse(again.stdout);
      const kept = { action: 'keep', state: 'skipped' };
      expect(items).toMatchObject([kept, kept]);
      await backend.run('sync', 'alpine');
      expect(await tags('mirrors/alpine')).toEqual([NEWEST, 'pinned']);
    });

    it('brings an image back', async () => {
      const reference = `${own.host}/mirrors/alpine:${OLD[7]}`;
      const restored = await cli('restore', reference, '--wait');
      expect(restored).toMatchObject({ code: 0 });
      expect(restored.stdout).toContain('restore succeeded: 1 of 1');
      const [back, there] = await Promise.all([
        client.headManifest('mirrors/alpine', OLD[7]),
        client.headManifest('archive/mirrors/alpine', OLD[7]),
      ]);
      expect(back?.digest).toBe(there?.digest);
      const kept = await cli('retention', 'mirrors/alpine', '--wait');
      expect(kept.stdout).toMatch(/3\.21\.7 +is 0 days old, 30 are kept/);
      const never = await cli('restore', `${own.host}/mirrors/alpine:no`);
      expect(never).toMatchObject({ code: 2 });
      expect(never.stderr).toContain('keeps no copy');
      const history = await cli('history', `${own.host}/mirrors/alpine`);
      expect(history.stdout).toMatch(/3\.21\.7 +removal .* is kept as/);
    });
  },
);
