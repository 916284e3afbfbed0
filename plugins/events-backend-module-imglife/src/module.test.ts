import { createHmac } from 'node:crypto';
import {
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import eventsBackend from '@backstage/plugin-events-backend';
import { eventsServiceFactory } from '@backstage/plugin-events-node';
import { ConfigReader } from '@backstage/config';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import eventsModuleImglife from './index';
import { readSecrets } from './readSecrets';

const SECRET = 'the-secret-of-hooks';
const OLD = 'the-secret-of-before';
const BODY = JSON.stringify({ events: [] });
const NOTIFICATION = 'application/vnd.docker.distribution.events.v1+json';

describe('the ingress for registries', () => {
  const received: unknown[] = [];
  let backend: TestBackend;
  let url: string;

  async function start(secrets?: string[]) {
    backend = await startTestBackend({
      features: [
        eventsBackend,
        eventsModuleImglife,
        eventsServiceFactory,
        createBackendPlugin({
          pluginId: 'listener',
          register(env) {
            env.registerInit({
              deps: { events: eventsServiceRef, logger: coreServices.logger },
              async init({ events }) {
                await events.subscribe({
                  id: 'listener',
                  topics: ['imglife.registry'],
                  onEvent: async ({ eventPayload }) => {
                    received.push(eventPayload);
                  },
                });
              },
            });
          },
        }),
        mockServices.rootConfig.factory({
          data: {
            events: { useEventBus: 'never' },
            imglife: { webhooks: secrets && { secrets } },
          },
        }),
      ],
    });
    url = `http://localhost:${backend.server.port()}/api/events/http/imglife.registry`;
  }

  const post = (headers: Record<string, string>, body = BODY) =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        connection: 'close',
        ...headers,
      },
      body,
    });

  const signed = (key: string, body = BODY) => ({
    'x-hub-signature-256': `sha256=${createHmac('sha256', key)
      .update(body)
      .digest('hex')}`,
  });
  const basic = (text: string) => ({
    authorization: `Basic ${Buffer.from(text).toString('base64')}`,
  });

  beforeEach(() => received.splice(0));
  afterEach(() => backend.stop());

  it('believes who bears a secret, and nobody else', async () => {
    await start([SECRET, OLD]);
    const table: Array<[string, Record<string, string>, number]> = [
      ['GitHub', signed(SECRET), 202],
      ['GitHub, other key', signed('another-secret'), 403],
      ['GitHub, other body', signed(SECRET, '{"events": [1]}'), 403],
      ['GitHub, SHA-1', { 'x-hub-signature': 'sha1=00' }, 403],
      ['Harbor', { authorization: SECRET }, 202],
      ['docker-registry', { authorization: `Bearer ${SECRET}` }, 202],
      ['the one of before', { authorization: `bearer ${OLD}` }, 202],
      ['GitLab', { 'x-gitlab-token': SECRET }, 202],
      ['a URL with a password', basic(`quay:${SECRET}`), 202],
      ['another password', basic('quay:another-secret'), 403],
      ['no password', basic('quay'), 403],
      ['another token', { authorization: 'Bearer another-secret' }, 403],
      ['a beginning', { authorization: SECRET.slice(0, -1) }, 403],
      ['an empty token', { 'x-gitlab-token': '' }, 403],
      ['nothing', {}, 403],
    ];
    for (const [name, headers, expected] of table) {
      const answer = await post(headers);
      const text = await answer.text();
      expect({ name, status: answer.status }).toEqual({
        name,
        status: expected,
      });
      expect(text).not.toContain(SECRET);
    }
    expect(received).toHaveLength(
      table.filter(([, , status]) => status === 202).length,
    );
  });

  it("reads docker-registry's media type, and says what is no JSON", async () => {
    await start();
    const taken = await post({ 'content-type': NOTIFICATION });
    expect(taken.status).toBe(202);
    expect(received).toEqual([{ events: [] }]);
    const bad = await post({ 'content-type': NOTIFICATION }, '{');
    expect(bad.status).toBe(400);
    const other = await post({ 'content-type': 'text/plain' });
    expect(other.status).toBe(415);
    expect(received).toHaveLength(1);
  });

  it('refuses a secret that is none', async () => {
    await start();
    const config = new ConfigReader({
      imglife: { webhooks: { secrets: [SECRET, 'short'] } },
    });
    expect(() => readSecrets(config)).toThrow(
      'imglife.webhooks.secrets[1]: a secret has at least 8 characters',
    );
  });
});
