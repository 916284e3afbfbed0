import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { imglifePlugin } from '../plugin';
import { allRoutes } from './allRoutes';

jest.setTimeout(60_000);

const API = '/api/imglife';
const routes = allRoutes({} as never);

type Backend = Awaited<ReturnType<typeof startTestBackend>>;

/** The real plugin, on SQLite and one registry in this process. */
async function startPortal(options: {
  registry: string;
  /** another host that is allowed */
  away?: string;
  result?: AuthorizeResult.ALLOW | AuthorizeResult.DENY;
}): Promise<Backend> {
  const { registry, away = 'away.example.com' } = options;
  const { result = AuthorizeResult.ALLOW } = options;
  return startTestBackend({
    features: [
      imglifePlugin,
      mockServices.permissions.factory({ result }),
      catalogServiceMock.factory({
        entities: [
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Component',
            metadata: { name: 'pay', namespace: 'default' },
            spec: { type: 'service', owner: 'group:default/payments' },
          },
        ],
      }),
      mockServices.rootConfig.factory({
        data: {
          imglife: {
            registries: [
              { host: registry, insecure: true },
              { host: away, insecure: true },
            ],
            tiers: {
              mirrors: `${registry}/mirrors`,
              bases: `${registry}/bases`,
              applications: [`${registry}/apps`, `${away}/apps`],
            },
            mirrors: {
              entries: [
                {
                  source: `${registry}/library/alpine`,
                  tags: { names: ['3.24.1'] },
                },
              ],
            },
          },
        },
      }),
    ],
  });
}

/** A route with values in its path that are well-formed and lead to nothing. */
function urlOf(path: string): string {
  return `${API}${path
    .replace('{kind}', 'component')
    .replace('{namespace}', 'default')
    .replace('{name}', 'pay')
    .replace('{id}', '0197a0f0-0000-7000-8000-000000000000')}`;
}

describe('the HTTP interface', () => {
  let registry: TestRegistry;
  let host: string;
  let awayHost: string;
  let backend: Backend;

  beforeAll(async () => {
    registry = await TestRegistry.start();
    host = registry.host;
    await pushImage(host, {
      repository: 'library/alpine',
      tag: '3.24.1',
      platforms: ['linux/amd64'],
    });
    await pushImage(host, {
      repository: 'apps/pay',
      tag: '1.0.0',
      platforms: ['linux/amd64'],
      layers: [{ 'app/pay': 'pay' }],
      created: new Date().toISOString(),
    });
    const away = await TestRegistry.start();
    awayHost = away.host;
    await away.stop();
    backend = await startPortal({ registry: host, away: awayHost });
  });

  afterAll(async () => {
    await backend.stop();
    await registry.stop();
  });

  const get = (path: string) => request(backend.server).get(`${API}${path}`);
  const post = (path: string, body: unknown) =>
    request(backend.server)
      .post(`${API}${path}`)
      .send(body as object);

  async function ended(id: string) {
    for (;;) {
      const { body } = await get(`/v1/runs/${id}`).expect(200);
      if (!['queued', 'running'].includes(body.state)) {
        return body;
      }
      await sleep(50);
    }
  }

  async function applicationCount(): Promise<number> {
    const { body } = await get('/v1/applications?all=true').expect(200);
    return body.totalItems;
  }

  describe('access', () => {
    it('answers liveness to anyone', async () => {
      await get('/health')
        .set('authorization', mockCredentials.none.header())
        .expect(200, { status: 'ok' });
    });

    it.each(routes.map(route => [route.method, route.path] as const))(
      '%s %s wants credentials before anything else',
      async (method, path) => {
        await request(backend.server)
          [method](`${urlOf(path)}?unknown=1`)
          .set('authorization', mockCredentials.none.header())
          .send(method === 'post' ? { unknown: 1 } : undefined)
          .expect(401);
      },
    );

    describe('without permission', () => {
      let closed: Backend;

      beforeAll(async () => {
        closed = await startPortal({
          registry: host,
          result: AuthorizeResult.DENY,
        });
      });

      afterAll(() => closed.stop());

      it.each(
        routes.map(
          route => [route.method, route.path, route.permission.name] as const,
        ),
      )(
        '%s %s needs %s, and says so before it reads the request',
        async (method, path, permission) => {
          const { body } = await request(closed.server)
            [method](`${urlOf(path)}?unknown=1`)
            .send(method === 'post' ? { unknown: 1 } : undefined)
            .expect(403);
          expect(body.error.message).toContain(permission);
        },
      );
    });
  });

  describe('bad input', () => {
    it.each([
      ['/v1/mirrors?unknown=1', 'unknown'],
      ['/v1/mirrors?limit=0', 'limit'],
      ['/v1/mirrors?limit=501', 'limit'],
      ['/v1/mirrors?limit=many', 'limit'],
      ['/v1/mirrors?search=ab', 'search'],
      ['/v1/mirrors?search=ab%00c', 'search'],
      ['/v1/mirrors?cursor=rubbish', 'cursor'],
      ['/v1/mirrors?orderBy=colour', 'orderBy'],
      ['/v1/mirrors?orderBy=builtAt', 'orderBy'],
      ['/v1/bases?status=sad', 'status'],
      ['/v1/applications?all=perhaps', 'all'],
      ['/v1/check', 'base'],
      ['/v1/check?base=UPPER/case:1', 'base'],
      ['/v1/check?base=reg/x:1&digest=sha256:short', 'digest'],
      ['/v1/images/lineage', 'reference'],
      ['/v1/images/lineage?reference=UPPER/x:1', 'reference'],
      ['/v1/adoption?days=0', 'days'],
      ['/v1/transitions?cursor=rubbish', 'cursor'],
      ['/v1/transitions?base=UPPER/x:1', 'base'],
      ['/v1/applications?base=UPPER/x:1', 'base'],
      ['/v1/runs?kind=dance', 'kind'],
      ['/v1/runs?cursor=rubbish', 'cursor'],
    ])('GET %s names %s', async (path, field) => {
      const { body } = await get(path).expect(400);
      expect(body.error.message).toContain(field);
    });

    it.each([
      [{}, 'image'],
      [{ image: '' }, 'image'],
      [{ image: 7 }, 'image'],
      [{ image: 'HOST/apps/pay:1.0.0', colour: 'red' }, 'colour'],
      [{ image: 'HOST/apps/pay:1.0.0', base: 'not a reference' }, 'base'],
      [{ image: 'HOST/apps/pay:1.0.0', digest: 'md5:1' }, 'digest'],
      [{ image: 'HOST/apps/pay:1.0.0', platforms: ['amiga'] }, 'platforms'],
      [{ image: 'HOST/apps/pay:1.0.0', revision: 'a\u0000b' }, 'revision'],
      [{ image: 'HOST/apps/pay:1.0.0', builtAt: 'yesterday' }, 'builtAt'],
      [
        { image: 'HOST/apps/pay:1.0.0', builtAt: '2199-01-01T00:00:00Z' },
        'builtAt',
      ],
      [{ image: 'HOST/apps/pay:1.0.0', fields: { a: 1 } }, 'fields'],
      [{ image: 'HOST/apps/pay:1.0.0', entityRef: '::' }, 'entityRef'],
      [
        { image: 'elsewhere.example.com/apps/pay:1.0.0' },
        'elsewhere.example.com',
      ],
    ])(
      'POST /v1/registrations %j names it and stores nothing',
      async (body, field) => {
        const before = await applicationCount();
        const filled = JSON.parse(JSON.stringify(body).replace('HOST', host));
        const answer = await post('/v1/registrations', filled);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(answer.body.error.message).toContain(field);
        expect(await applicationCount()).toBe(before);
      },
    );

    it.each([
      [{ kind: 'dance' }, 'kind'],
      [{}, 'kind'],
      [{ kind: 'sync', target: 'nowhere' }, 'nowhere'],
      [{ kind: 'sync', force: 'yes' }, 'force'],
    ])('POST /v1/runs %j names %s', async (body, field) => {
      const answer = await post('/v1/runs', body);
      expect([400, 404]).toContain(answer.status);
      expect(answer.body.error.message).toContain(field);
    });

    it('refuses large bodies and what is no JSON', async () => {
      await post('/v1/registrations', {
        image: `${host}/apps/pay:1.0.0`,
        fields: { text: 'x'.repeat(110_000) },
      }).expect(413);
      await request(backend.server)
        .post(`${API}/v1/registrations`)
        .set('content-type', 'application/json')
        .send('{"image":')
        .expect(400);
    });

    it.each([
      ['application/json', '{"image":', 400, 'body: no JSON object: '],
      ['application/json', 'null', 400, 'body: no JSON object: '],
      ['application/json', '"text"', 400, 'body: no JSON object: '],
      ['application/json', '[]', 400, 'expected object'],
      ['application/json', '', 400, 'image: '],
      [
        'application/json',
        `"${'x'.repeat(110_000)}"`,
        413,
        'body: larger than 100 kB',
      ],
      // what curl sends unless it is told otherwise
      [
        'application/x-www-form-urlencoded',
        '{"image":"x"}',
        415,
        'body: its content-type must be application/json, not application/x-www-form-urlencoded',
      ],
      ['text/plain', '{"image":"x"}', 415, 'application/json, not text/plain'],
    ])(
      'of a body %s %.20s says %i and why',
      async (type, body, status, message) => {
        const answer = await request(backend.server)
          .post(`${API}/v1/registrations`)
          .set('content-type', type)
          .send(body);
        expect([answer.status, answer.body.error.message]).toEqual([
          status,
          expect.stringContaining(message),
        ]);
      },
    );

    const nasty = [
      '%00',
      '%ED%A0%80',
      "' OR 1=1 --",
      '%25',
      '_%25\\',
      '../../../etc/passwd',
      '🐳'.repeat(50),
      'a'.repeat(5000),
      '-1',
      '1e400',
      '[]',
      '{"$ne":1}',
      '\u202e',
    ];
    it.each(nasty.map(text => [text.slice(0, 20), text]))(
      'makes no server error of %s',
      async (_name, text) => {
        for (const { method, path, query } of routes) {
          const names = query ? Object.keys(query.shape) : [];
          const value = text.startsWith('%') ? text : encodeURIComponent(text);
          const urls = [
            ...names.map(name => `${urlOf(path)}?${name}=${value}`),
            `${API}${path.replace(/\{\w+\}/g, value)}`,
          ];
          for (const url of method === 'get' ? urls : []) {
            const { status } = await request(backend.server).get(url);
            expect([url, status < 500]).toEqual([url, true]);
          }
        }
        for (const body of [
          { image: text },
          { image: `${host}/apps/pay:1.0.0`, revision: text },
          { image: `${host}/apps/pay:1.0.0`, fields: { [text]: text } },
          { kind: 'sync', target: text },
          [text],
        ]) {
          for (const path of ['/v1/registrations', '/v1/runs']) {
            const { status } = await post(path, body);
            expect([path, body, status < 500]).toEqual([path, body, true]);
          }
        }
      },
    );

    it.each([
      '/v1/runs/0197a0f0-0000-7000-8000-000000000000',
      '/v1/runs/not-an-id',
      '/v1/runs/0197a0f0-0000-7000-8000-000000000000/log',
      '/v1/entities/component/default/nobody',
      '/v1/nothing',
    ])('GET %s is not found', async path => {
      await get(path).expect(404);
    });
  });

  describe('the tiers', () => {
    it('starts a run, follows it, and shows what it did', async () => {
      const { body } = await post('/v1/runs', {
        kind: 'sync',
        target: 'alpine',
      }).expect(202);
      const run = await ended(body.id);
      expect(run).toMatchObject({
        kind: 'sync',
        target: 'alpine',
        trigger: 'user',
        actor: 'user:default/mock',
        state: 'succeeded',
      });
      const list = await get('/v1/runs?kind=sync&state=succeeded').expect(200);
      expect(list.body.items.map(({ id }: { id: string }) => id)).toContain(
        body.id,
      );
      const log = await get(`/v1/runs/${body.id}/log?follow=true`).expect(200);
      expect(log.headers['content-type']).toContain('text/plain');
      expect(log.headers['cache-control']).toContain('no-transform');
      expect(log.text).toContain('1 of 1 upstream tags');
      const mirrors = await get('/v1/mirrors?search=mirrors/alpine').expect(
        200,
      );
      expect(mirrors.body).toMatchObject({
        totalItems: 1,
        items: [
          { reference: `${host}/mirrors/alpine:3.24.1`, state: 'current' },
        ],
      });
      const cancelled = await post(`/v1/runs/${body.id}/cancel`, {}).expect(
        202,
      );
      expect(cancelled.body).toEqual({ state: 'succeeded' });
    });

    it('registers once, and answers a repeat with what is stored', async () => {
      const registration = {
        image: `${host}/apps/pay:1.0.0`,
        base: 'scratch',
        revision: 'a3f8b1c',
        project: 'shop/pay',
        entityRef: 'component:default/pay',
        fields: { ci_job_url: 'https://ci.example.com/1' },
      };
      const first = await post('/v1/registrations', registration).expect(201);
      expect(first.body).toMatchObject({
        reference: `${host}/apps/pay:1.0.0`,
        revision: 'a3f8b1c',
        entityRef: 'component:default/pay',
        owner: 'group:default/payments',
        registeredBy: 'user:default/mock',
        base: null,
        verdict: { freshness: 'none', violations: [] },
      });
      const again = await post('/v1/registrations', registration).expect(200);
      expect(again.body).toEqual(first.body);
      const entity = await get('/v1/entities/component/default/pay').expect(
        200,
      );
      expect(entity.body.images).toMatchObject([
        { reference: `${host}/apps/pay:1.0.0` },
      ]);
    });

    it('answers each item of a batch on its own', async () => {
      const image = `${host}/apps/batch`;
      const digest = `sha256:${'d'.repeat(64)}`;
      const away = { image: `${awayHost}/apps/batch:1` };
      const { body } = await post('/v1/registrations/batch', {
        items: [
          { image: `${host}/apps/pay:1.0.0`, base: 'scratch', revision: 'b' },
          { image: `${image}:1.0.0` },
          { image: 'UPPER/x:1' },
          { image: `${host}/apps/pay:1.0.0`, base: 'scratch', revision: 'b' },
          { image: 'unlisted.example.com/x:1' },
          { image: `${host}/apps/pay:1.0.0`, unknown: 1 },
          away,
          { ...away, digest, base: 'scratch' },
          7,
        ],
      }).expect(200);
      expect(
        body.results.map((result: { status: number }) => result.status),
      ).toEqual([201, 400, 400, 200, 400, 400, 503, 201, 400]);
      expect(body.results[0].registration).toMatchObject({
        revision: 'b',
        verdict: { freshness: 'none' },
      });
      expect(body.results[1].error).toEqual({
        name: 'InputError',
        message: expect.stringContaining('does not exist'),
      });
      expect(body.results[5].error.message).toContain('unknown');
      await post('/v1/registrations/batch', { items: [] }).expect(400);
      await post('/v1/registrations/batch', {
        items: Array.from({ length: 201 }, () => ({})),
      }).expect(400);
    });

    it('forgets an image, whose history stays', async () => {
      const image = `${awayHost}/apps/old:1.0.0`;
      await post('/v1/registrations', {
        image,
        digest: `sha256:${'d'.repeat(64)}`,
        base: 'scratch',
      }).expect(201);
      const forget = (query: string) =>
        request(backend.server).delete(`${API}/v1/registrations${query}`);
      await forget(`?image=${image}`).expect(204);
      const history = (repository: string) =>
        get(`/v1/images/history?repository=${repository}`);
      const kept = await history(`${awayHost}/apps/old`).expect(200);
      expect(kept.body.items).toMatchObject([
        { kind: 'registration', tag: '1.0.0' },
      ]);
      const tagged = await history(image).expect(400);
      expect(tagged.body.error.message).toContain("leave ':1.0.0' out");
      const { body } = await forget(`?image=${image}`).expect(404);
      expect(body.error.message).toContain(`${image} is not registered`);
      await forget('').expect(400);
      await forget('?image=UPPER/x:1').expect(400);
    });

    it('tells what stands on what, and how much of it', async () => {
      await post('/v1/registrations', {
        image: `${awayHost}/apps/pay:2.0.0`,
        digest: `sha256:${'e'.repeat(64)}`,
        base: `${host}/mirrors/alpine:3.24.1`,
      }).expect(201);
      const lineage = await get(
        `/v1/images/lineage?reference=${awayHost}/apps/pay:2.0.0`,
      ).expect(200);
      expect(lineage.body.builtOn).toMatchObject([
        { reference: `${host}/mirrors/alpine:3.24.1`, tier: 'mirrors' },
        { reference: `${host}/library/alpine:3.24.1`, tier: 'upstream' },
      ]);
      await get('/v1/images/lineage?reference=x/none:1').expect(404);
      const adoption = await get('/v1/adoption?base=alpine').expect(200);
      expect(adoption.body.items).toMatchObject([
        { tier: 'mirrors', base: 'alpine', applications: 1 },
      ]);
      const transitions = await get(
        `/v1/transitions?base=${host}/mirrors/alpine:3.24.1`,
      ).expect(200);
      // a first verdict is no change
      expect(transitions.body.items).toEqual([]);
      const { body } = await get(
        `/v1/applications?base=${host}/mirrors/alpine`,
      ).expect(200);
      expect(body.totalItems).toBe(1);
    });

    it('stores what a pipeline knows while its registry is away', async () => {
      const known = {
        digest: `sha256:${'d'.repeat(64)}`,
        base: `${host}/bases/alpine:1`,
      };
      const image = `${awayHost}/apps/pay:1.0.0`;
      const missing = await post('/v1/registrations', { image });
      expect([502, 503]).toContain(missing.status);
      expect(missing.body.error.message).toContain(awayHost);
      await post('/v1/registrations', { image, ...known }).expect(201);
    });

    it('judges a base whose reference stands unescaped in the query', async () => {
      const { body } = await get(
        `/v1/check?base=${host}/bases/alpine:3.24.1-core1.0.0`,
      ).expect(200);
      expect(body).toMatchObject({
        base: `${host}/bases/alpine:3.24.1-core1.0.0`,
        freshness: 'unknown',
        upToDate: false,
      });
    });

    it("judges scratch, and refuses a digest that is not its base's", async () => {
      const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
      const { body } = await get('/v1/check?base=scratch').expect(200);
      expect(body).toMatchObject({ base: 'scratch', freshness: 'none' });
      const base = `${host}/bases/alpine`;
      for (const [query, message] of [
        [
          `base=${base}@${digest('a')}&digest=${digest('b')}`,
          `digest: ${digest('b')} is not the digest in base, ${digest('a')}`,
        ],
        [`base=scratch&digest=${digest('a')}`, 'digest: scratch has no digest'],
      ]) {
        const refused = await get(`/v1/check?${query}`).expect(400);
        expect(refused.body.error.message).toContain(message);
      }
      await get(
        `/v1/check?base=${base}@${digest('a')}&digest=${digest('a')}`,
      ).expect(200);
    });

    it.each([
      ['text/markdown', /^# |^\| Image \|/m],
      ['application/json', /^\{/],
      ['text/csv', /^tier,|image/i],
    ])('reports as %s', async (type, pattern) => {
      const { headers, text } = await get('/v1/report')
        .set('accept', type)
        .buffer(true)
        .parse((response, done) => {
          let all = '';
          response.on('data', chunk => (all += chunk));
          response.on('end', () => done(null, all));
        })
        .expect(200)
        .then(response => ({
          headers: response.headers,
          text: response.body as string,
        }));
      expect(headers['content-type']).toContain(type);
      expect(text).toMatch(pattern);
    });

    it('reports one tier with the filters of its table', async () => {
      const { text } = await get('/v1/report?tier=mirrors&search=alpine')
        .set('accept', 'text/markdown')
        .expect(200);
      expect(text).toContain('| alpine | 3.24.1 |');
      expect(text).not.toContain('## Applications');
      const none = await get('/v1/report?tier=mirrors&search=debian')
        .set('accept', 'text/markdown')
        .expect(200);
      expect(none.text).not.toContain('3.24.1');
    });

    it.each([
      ['tier=none', 'tier'],
      ['tier=mirrors&owner=group:default/a', 'owner: the mirrors have no such'],
      ['orderBy=pulledAt', 'orderBy: bases are ordered by'],
      ['limit=5', 'limit'],
    ])('does not report by %s, and says so at once', async (query, message) => {
      const { body } = await get(`/v1/report?${query}`)
        .set('accept', 'text/csv')
        .expect(400);
      expect(body.error.message).toContain(message);
    });

    it.each(['mirrors', 'bases', 'applications'])(
      'finds one of the %s by its reference alone',
      async tier => {
        const { body } = await get(
          `/v1/${tier}?all=true&reference=${host}/mirrors/alpine:3.24.1`,
        ).expect(200);
        expect(body.items).toHaveLength(tier === 'mirrors' ? 1 : 0);
        const { body: part } = await get(
          `/v1/${tier}?all=true&reference=${host}/mirrors/alpine:3.24`,
        ).expect(200);
        expect(part.items).toEqual([]);
        const { body: refused } = await get(
          `/v1/${tier}?reference=${host}/mirrors/alpine@sha256:${'a'.repeat(
            64,
          )}`,
        ).expect(400);
        expect(refused.error.message).toContain('has no tag');
      },
    );

    it('does not report as a picture', async () => {
      const { body } = await get('/v1/report')
        .set('accept', 'image/png')
        .expect(406);
      expect(body.error.message).toContain('text/markdown');
    });

    it('serves its own document', async () => {
      const { body } = await get('/openapi.json').expect(200);
      expect(body.openapi).toMatch(/^3\.1/);
      expect(Object.keys(body.paths)).toContain('/v1/check');
    });

    it('counts', async () => {
      const { body } = await get('/v1/summary').expect(200);
      expect(body.mirrors.total).toBe(1);
      expect(body.data.lastSyncAt).not.toBeNull();
    });
  });
});
