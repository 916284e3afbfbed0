import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import {
  coreServices,
  createServiceFactory,
  type BackendFeature,
} from '@backstage/backend-plugin-api';
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
const DEVELOPERS = 'group:default/developers';

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

const developers = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name: 'developers' },
  spec: { type: 'team', children: [] },
  relations: [{ type: 'hasMember', targetRef: 'user:default/mock' }],
};

describe('notifications', () => {
  let registry: TestRegistry;
  let host: string;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  const events = mockServices.events.mock();

  beforeEach(async () => {
    registry = await TestRegistry.start();
    host = registry.host;
    events.publish.mockReset().mockResolvedValue();
  });

  const shop = () => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name: 'shop',
      annotations: { 'imglife.io/images': `${host}/apps/shop` },
    },
    spec: { type: 'service', owner: DEVELOPERS },
    relations: [{ type: 'ownedBy', targetRef: DEVELOPERS }],
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
        events.factory,
        catalogServiceMock.factory({
          entities: [team, developers, member, shop()],
        }),
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'https://portal.example.com' },
            imglife: {
              registries: [{ host, insecure: true }],
              tiers: {
                mirrors: `${host}/mirrors`,
                bases: `${host}/bases`,
                applications: [`${host}/apps`],
              },
              notifications: { verdicts: true },
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

  it('of published bases reach the members of the owner, one thread per base and cycle', async () => {
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

  it('of changed verdicts reach who builds on a base, and events tell of each step', async () => {
    await upstream('first');
    const scheduler = mockServices.scheduler();
    await start([
      notificationsPlugin,
      createServiceFactory({
        service: coreServices.scheduler,
        deps: {},
        factory: () => scheduler,
      }),
    ]);
    await run('sync');
    await run('build');
    await pushImage(host, {
      repository: 'apps/shop',
      tag: '1.2.0',
      platforms: ['linux/amd64'],
      layers: [{ 'srv/shop': 'shop' }],
      from: { repository: 'bases/alpine', reference: TAG },
      created: new Date().toISOString(),
    });
    const image = `${host}/apps/shop:1.2.0`;
    const { body } = await request(backend.server)
      .post(`${API}/v1/registrations`)
      .send({ image })
      .expect(201);
    expect(body).toMatchObject({ freshness: 'current', owner: DEVELOPERS });
    const told = async () =>
      (await get('/api/notifications').expect(200)).body.notifications.filter(
        ({ payload }: { payload: { scope: string } }) =>
          payload.scope.startsWith('imglife:verdict:'),
      );
    expect(await told()).toEqual([]);

    await upstream('second');
    await run('sync');
    await run('build');
    await scheduler.triggerTask('imglife-due');
    expect(await told()).toMatchObject([
      {
        user: 'user:default/mock',
        payload: {
          title: '1 image on alpine 3.24: rebuilt',
          description: expect.stringContaining(image),
          link: `/imglife/applications?owner=${encodeURIComponent(
            DEVELOPERS,
          )}&base=alpine%3A3.24`,
          scope: `imglife:verdict:${DEVELOPERS}:alpine 3.24`,
        },
      },
    ]);
    const own = events.publish.mock.calls
      .map(([event]) => event)
      .filter(({ topic }) => topic.startsWith('imglife.'));
    expect(own.map(({ topic }) => topic)).toEqual([
      'imglife.mirror.moved',
      'imglife.base.published',
      'imglife.application.registered',
      'imglife.mirror.moved',
      'imglife.base.published',
      'imglife.status.changed',
    ]);
    expect(own.at(-1)!.eventPayload).toMatchObject({
      cause: 'bases built',
      changes: [
        {
          base: `${host}/bases/alpine:${TAG}`,
          from: { freshness: 'current', status: 'ok' },
          to: { freshness: 'rebuilt' },
        },
      ],
    });
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
