import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { BackendFeature } from '@backstage/backend-plugin-api';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import notificationsPlugin from '@backstage/plugin-notifications-backend';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { imglifePlugin } from '../plugin';

jest.setTimeout(60_000);

const API = '/api/imglife';
const TAG = '3.24.0-core1.0.0';
const OWNER = 'group:default/platform';

const team = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name: 'platform' },
  spec: { type: 'team', children: [] },
  relations: [{ type: 'hasMember', targetRef: 'user:default/mock' }],
};
const member = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name: 'mock' },
  spec: { memberOf: ['platform'] },
};

describe('notifications of published bases', () => {
  let registry: TestRegistry;
  let host: string;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;

  beforeEach(async () => {
    registry = await TestRegistry.start();
    host = registry.host;
  });

  afterEach(async () => {
    await backend.stop();
    await registry.stop();
  });

  async function upstream(content: string) {
    await pushImage(host, {
      repository: 'library/alpine',
      tag: '3.24.0',
      platforms: ['linux/amd64'],
      layers: [{ 'etc/release': content }],
    });
  }

  async function start(others: BackendFeature[]) {
    backend = await startTestBackend({
      features: [
        imglifePlugin,
        ...others,
        mockServices.permissions.factory({ result: AuthorizeResult.ALLOW }),
        catalogServiceMock.factory({ entities: [team, member] }),
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'https://portal.example.com' },
            imglife: {
              registries: [{ host, insecure: true }],
              tiers: { mirrors: `${host}/mirrors`, bases: `${host}/bases` },
              mirrors: {
                entries: [
                  {
                    source: `${host}/library/alpine`,
                    tags: { names: ['3.24.0'] },
                    lifecycle: { product: 'alpine-linux' },
                  },
                ],
              },
              bases: {
                owner: OWNER,
                hooks: { afterBuild: [{ notification: {} }] },
                entries: [
                  {
                    name: 'alpine',
                    from: { mirror: 'alpine', tag: '3.24.0' },
                  },
                ],
              },
            },
          },
        }),
      ],
    });
  }

  const get = (url: string) => request(backend.server).get(url);

  /** @returns the log of the run */
  async function run(kind: string): Promise<string> {
    const started = await request(backend.server)
      .post(`${API}/v1/runs`)
      .send({ kind })
      .expect(202);
    const url = `${API}/v1/runs/${started.body.id}`;
    for (;;) {
      const { body } = await get(url).expect(200);
      if (!['queued', 'running'].includes(body.state)) {
        expect(body).toMatchObject({ state: 'succeeded', error: null });
        return (await get(`${url}/log`).expect(200)).text;
      }
      await sleep(50);
    }
  }

  async function published(): Promise<string> {
    const { body } = await get(`${API}/v1/bases`).expect(200);
    expect(body.items).toMatchObject([{ tag: TAG, state: 'published' }]);
    return body.items[0].digest;
  }

  it('reach the members of the owner, one thread per base and cycle', async () => {
    await upstream('first');
    await start([notificationsPlugin]);
    const told = async () =>
      (await get('/api/notifications').expect(200)).body.notifications;

    await run('sync');
    expect(await run('build')).not.toContain('warning');
    const first = await published();
    expect(await told()).toMatchObject([
      {
        origin: 'plugin:imglife',
        user: 'user:default/mock',
        payload: {
          title: `Base alpine is published as ${TAG}`,
          description: `${host}/bases/alpine:${TAG}@${first} (first-build)`,
          link: `/imglife/bases?search=${encodeURIComponent(
            `${host}/bases/alpine:${TAG}`,
          )}`,
          topic: 'imglife',
          scope: 'imglife:base:alpine:3.24',
        },
      },
    ]);

    await upstream('second');
    await run('sync');
    await run('build');
    const second = await published();
    expect(second).not.toBe(first);
    const threads = await told();
    expect(threads).toHaveLength(1);
    expect(threads[0].payload.description).toBe(
      `${host}/bases/alpine:${TAG}@${second} (mirror-moved)`,
    );
  });

  it('are a warning in the log where the portal has no notifications', async () => {
    await upstream('first');
    await start([]);
    await run('sync');
    expect(await run('build')).toMatch(
      /3\.24\.0-core1\.0\.0: warning: notification failed: .*404/,
    );
    await published();
  });
});
