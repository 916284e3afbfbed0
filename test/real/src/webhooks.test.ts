import { describeWithComponents, pushImage } from '@imglife/test-registry';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DebianRegistry } from './DebianRegistry';
import { freePort } from './freePort';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend, RealRun } from './RealBackend';
import { Skopeo } from './Skopeo';

jest.setTimeout(120_000);

const SECRET = 'the-secret-of-the-hooks';
const TOPIC = '/api/events/http/imglife.registry';
const AT_ONCE_MS = 15_000;

interface Row {
  reference: string;
  digest: string;
  state: string;
  reasons?: string[];
}

describeWithComponents(
  ['docker-registry', 'skopeo'],
  'what docker-registry tells of pushes',
  () => {
    const databases = PostgresDatabases.create();
    const skopeo = Skopeo.create();
    let folder: string;
    let registry: DebianRegistry;
    let backend: RealBackend;
    let trap: Server;
    let caught = 0;

    /** Makes an image where nobody looks. */
    async function make(name: string): Promise<string> {
      const made = { repository: 'elsewhere/made', tag: name };
      await pushImage(registry.host, {
        ...made,
        platforms: ['linux/amd64', 'linux/arm64'],
        layers: [{ name }],
        created: new Date().toISOString(),
      });
      return `${registry.host}/${made.repository}:${name}`;
    }

    const home = (name: string) => `${registry.host}/${name}`;

    const row = (tier: 'mirrors' | 'bases' | 'applications', image: string) =>
      backend.waitFor(`${image} in the ${tier}`, AT_ONCE_MS, async () =>
        (await backend.rows<Row>(tier)).find(
          ({ reference }) => reference === home(image),
        ),
      );

    const hook = (body: object, authorization?: string) =>
      fetch(backend.url + TOPIC, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(authorization && { authorization }),
        },
        body: JSON.stringify(body),
      });

    const pushOf = (host: string) => ({
      events: [
        {
          action: 'push',
          target: { repository: 'apps/shop', tag: '1' },
          request: { host },
        },
      ],
    });

    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-hooks-'));
      const port = await freePort();
      registry = await DebianRegistry.start(path.join(folder, 'registry'), {
        config: {
          notifications: {
            endpoints: [
              {
                name: 'imglife',
                url: `http://127.0.0.1:${port}${TOPIC}`,
                headers: { Authorization: [`Bearer ${SECRET}`] },
                timeout: '2s',
                threshold: 3,
                backoff: '1s',
              },
            ],
          },
        },
      });
      trap = createServer(socket => {
        caught += 1;
        socket.destroy();
      });
      await new Promise<void>(resolve => {
        trap.listen(0, '127.0.0.1', resolve);
      });
      await pushImage(registry.host, {
        repository: 'library/alpine',
        tag: '3.21.3',
        platforms: ['linux/amd64', 'linux/arm64'],
      });
      backend = await RealBackend.start({
        folder,
        port,
        databases,
        imglife: {
          registries: [{ host: registry.host, insecure: true }],
          tiers: {
            mirrors: home('mirrors'),
            bases: home('bases'),
            applications: [home('apps')],
          },
          webhooks: { secrets: [SECRET] },
          mirrors: {
            entries: [
              { source: home('library/alpine'), tags: { names: ['3.21.3'] } },
            ],
          },
          bases: {
            entries: [
              {
                name: 'alpine',
                from: { mirror: 'alpine', tag: '3.21.3' },
                template: 'FROM {{ mirror.reference }}\nLABEL a=b',
              },
            ],
          },
        },
      });
      await backend.run('sync', 'alpine');
      await backend.run('build', 'alpine');
    });

    afterAll(async () => {
      await backend?.stop();
      await registry?.stop();
      trap?.close();
      await databases.drop();
      await rm(folder, { recursive: true, force: true });
    });

    it('shows an application as soon as it is pushed, and each push of it', async () => {
      await skopeo.copy(await make('one'), home('apps/shop:main'));
      const first = await row('applications', 'apps/shop:main');
      expect(first.state).toBe('discovered');
      await skopeo.copy(await make('two'), home('apps/shop:main'));
      await backend.waitFor('the other digest', AT_ONCE_MS, async () => {
        const { digest } = await row('applications', 'apps/shop:main');
        return digest !== first.digest;
      });
    });

    it('adopts a base that someone pushes', async () => {
      await skopeo.copy(
        await make('three'),
        home('bases/alpine:3.20.1-core1.0.0'),
      );
      expect(await row('bases', 'bases/alpine:3.20.1-core1.0.0')).toMatchObject(
        { reasons: ['adopted'] },
      );
    });

    it('verifies a mirror that someone pushes to, which puts it right', async () => {
      const { digest } = await row('mirrors', 'mirrors/alpine:3.21.3');
      const foreign = await make('four');
      await skopeo.copy(foreign, home('mirrors/alpine:3.21.3'));
      const run = await backend.waitFor(
        'the verify run',
        AT_ONCE_MS,
        async () => {
          const { items } = await backend.get<{
            items: Array<RealRun & { trigger: string; actor: string }>;
          }>('/api/imglife/v1/runs?kind=verify');
          return items.find(({ trigger }) => trigger === 'event');
        },
      );
      expect(run).toMatchObject({ target: 'alpine', actor: 'imglife-webhook' });
      expect(await backend.endOfRun(run.id)).toMatchObject({
        state: 'succeeded',
      });
      expect(await skopeo.inspectRaw(home('mirrors/alpine:3.21.3'))).toBe(
        await skopeo.inspectRaw(home('library/alpine:3.21.3')),
      );
      expect((await row('mirrors', 'mirrors/alpine:3.21.3')).digest).toBe(
        digest,
      );
    });

    it('believes nobody without the secret, and contacts no host for anybody', async () => {
      const listener = `127.0.0.1:${(trap.address() as AddressInfo).port}`;
      const statuses = [];
      for (const authorization of [undefined, 'Bearer wrong-secret']) {
        statuses.push(
          (await hook(pushOf(registry.host), authorization)).status,
        );
      }
      for (const host of [listener, `${listener}/`, `a@${listener}`, '']) {
        statuses.push((await hook(pushOf(host), `Bearer ${SECRET}`)).status);
      }
      expect(statuses).toEqual([403, 403, 202, 202, 202, 202]);
      await skopeo.copy(await make('five'), home('apps/after:1'));
      await row('applications', 'apps/after:1');
      expect(caught).toBe(0);
      expect(backend.output).not.toContain(SECRET);
    });
  },
);
