import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { TestRegistry } from '@imglife/test-registry';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { imglifePlugin } from '../plugin';

jest.setTimeout(60_000);

const V1 = '/api/imglife/v1';

describe('retention over HTTP', () => {
  let registry: TestRegistry;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  let allowed: string[];
  const auditor = mockServices.auditor.mock();
  const audited: unknown[] = [];

  beforeAll(async () => {
    registry = await TestRegistry.start();
    auditor.createEvent.mockImplementation(async ({ eventId }) => ({
      async success(how) {
        audited.push([eventId, how?.meta]);
      },
      async fail(how) {
        audited.push([eventId, how.meta]);
      },
    }));
    backend = await startTestBackend({
      features: [
        imglifePlugin,
        auditor.factory,
        mockServices.permissions.mock({
          authorize: async asked =>
            asked.map(({ permission }) => ({
              result: allowed.includes(permission.name)
                ? AuthorizeResult.ALLOW
                : AuthorizeResult.DENY,
            })),
        }).factory,
        catalogServiceMock.factory({ entities: [] }),
        mockServices.rootConfig.factory({
          data: {
            imglife: {
              registries: [{ host: registry.host, insecure: true }],
              tiers: {
                mirrors: `${registry.host}/mirrors`,
                bases: `${registry.host}/bases`,
              },
              mirrors: {
                entries: [
                  {
                    source: `${registry.host}/library/alpine`,
                    tags: { names: ['1'] },
                  },
                ],
              },
              bases: {
                entries: [
                  { name: 'alpine', from: { mirror: 'alpine', tag: '1' } },
                ],
              },
              retention: { bases: { keepLast: 5, maxAgeDays: 90 } },
            },
          },
        }),
      ],
    });
  });

  afterAll(async () => {
    await backend.stop();
    await registry.stop();
  });

  const RUN = 'imglife.run.create';
  const RETENTION = 'imglife.retention.run';
  const post = (path: string, body: object) =>
    request(backend.server).post(`${V1}${path}`).send(body);

  async function ended(id: string) {
    for (;;) {
      const { body } = await request(backend.server)
        .get(`${V1}/runs/${id}`)
        .set('authorization', mockCredentials.user.header())
        .expect(200);
      if (!['queued', 'running'].includes(body.state)) {
        return body;
      }
      await sleep(50);
    }
  }

  it.each<[string, string[], object, number]>([
    ['retention', [RETENTION], { kind: 'retention', dryRun: true }, 202],
    ['no retention', [RUN], { kind: 'retention', dryRun: true }, 403],
    ['a scan', [RUN], { kind: 'scan' }, 202],
    ['no scan', [RETENTION], { kind: 'scan' }, 403],
    ['nothing', [], { kind: 'nonsense' }, 403],
    ['nothing wrong', [RETENTION], { kind: 'nonsense' }, 400],
    ['a tier', [RETENTION], { kind: 'retention', target: 'bases' }, 202],
    ['no other', [RETENTION], { kind: 'retention', target: 'mirrors' }, 400],
    ['no restore', [RUN, RETENTION], { kind: 'restore', target: 'x' }, 400],
  ])('starts %s with %j', async (_, names, body, status) => {
    allowed = names;
    const answer = await post('/runs', body);
    expect(answer.status).toBe(status);
    expect(typeof answer.body.id).toBe(status === 202 ? 'string' : 'undefined');
  });

  it.each<[string[], object, number, RegExp]>([
    [[RUN], { reference: 'x' }, 403, /imglife\.retention\.run/],
    [[RETENTION], {}, 400, /reference/],
    [
      [RETENTION],
      { reference: `r.example.com/x@sha256:${'0'.repeat(64)}` },
      400,
      /host\/path:tag/,
    ],
    [[RETENTION], { reference: 'a b' }, 400, /^reference: /],
    [
      [RETENTION],
      { reference: 'r.example.com/bases/alpine:1' },
      404,
      /keeps no copy of r\.example\.com\/bases\/alpine:1/,
    ],
  ])('with %j restoring %j is %i', async (names, body, status, words) => {
    allowed = names;
    const answer = await post('/retention/restore', body).expect(status);
    expect(answer.body.error.message).toMatch(words);
  });

  it('fails where usage is not known, and says why', async () => {
    allowed = [RETENTION, 'imglife.image.read'];
    const { body } = await post('/runs', { kind: 'retention' }).expect(202);
    const run = await ended(body.id);
    expect(run).toMatchObject({ kind: 'retention', state: 'failed' });
    expect(run.error).toMatch(
      /nothing of the bases is deleted: no (scan|current application)/,
    );
    expect(audited).toContainEqual([
      'start-run',
      { status: 202, kind: 'retention', permission: RETENTION },
    ]);
    const events = auditor.createEvent.mock.calls.map(([event]) => event);
    expect(events).toContainEqual(
      expect.objectContaining({
        eventId: 'restore-image',
        severityLevel: 'medium',
        meta: { permission: RETENTION },
      }),
    );
  });
});
