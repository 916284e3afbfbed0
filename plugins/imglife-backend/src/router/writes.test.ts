import type { AuditorServiceEvent } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import request from 'supertest';
import { imglifePlugin } from '../plugin';

jest.setTimeout(60_000);

const V1 = '/api/imglife/v1';
const PER_MINUTE = 5;

let registry: TestRegistry;
let backend: Awaited<ReturnType<typeof startTestBackend>>;
let image: string;
const auditor = mockServices.auditor.mock();
const events: Array<{
  begun: object;
  end?: string;
  meta?: unknown;
  error?: string;
}> = [];

beforeAll(async () => {
  registry = await TestRegistry.start();
  image = `${registry.host}/apps/shop:1.0`;
  await pushImage(registry.host, {
    repository: 'apps/shop',
    tag: '1.0',
    platforms: ['linux/amd64'],
  });
  auditor.createEvent.mockImplementation(async options => {
    const { request: _request, ...begun } = options;
    const event: (typeof events)[number] = { begun };
    events.push(event);
    return {
      async success(how) {
        Object.assign(event, { end: 'success', meta: how?.meta });
      },
      async fail(how) {
        const { message } = how.error as Error;
        Object.assign(event, { end: 'fail', meta: how.meta, error: message });
      },
    } satisfies AuditorServiceEvent;
  });
  backend = await startTestBackend({
    features: [
      imglifePlugin,
      auditor.factory,
      catalogServiceMock.factory({ entities: [] }),
      mockServices.rootConfig.factory({
        data: {
          imglife: {
            registries: [{ host: registry.host, insecure: true }],
            tiers: {
              mirrors: `${registry.host}/mirrors`,
              bases: `${registry.host}/bases`,
              applications: [`${registry.host}/apps`],
            },
            applications: {
              subjects: [
                { match: 'external:github:repo:{{ project }}:*' },
                { match: 'external:batch' },
              ],
              rateLimit: { perMinute: PER_MINUTE },
            },
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

beforeEach(() => {
  events.length = 0;
});

const subjectOf = (project: string, job: string) =>
  `external:github:repo:${project}:ref:refs/heads/${job}`;

function authorizationOf(subject: string): string {
  return mockCredentials.service.header({
    onBehalfOf: mockCredentials.service(subject),
    targetPluginId: 'imglife',
  });
}

function register(subject: string, body: string | object) {
  return request(backend.server)
    .post(`${V1}/registrations`)
    .set('authorization', authorizationOf(subject))
    .set('content-type', 'application/json')
    .send(body as object);
}

/** The events, once all of them have ended. */
async function ended() {
  while (events.some(({ end }) => !end)) {
    await new Promise(setImmediate);
  }
  return events;
}

describe('subjects', () => {
  it('register for their own project, and are shown', async () => {
    const subject = subjectOf('team/shop', 'a');
    const { body } = await register(subject, {
      image,
      project: 'team/shop',
    }).expect(201);
    expect(body).toMatchObject({ project: 'team/shop', registeredBy: subject });
  });

  it.each([
    ['another project', 'team/pay', 'may not register for team/pay'],
    ['no project', undefined, 'project: not given'],
    ['a pattern for a project', 'team/*', 'may not register for team/*'],
  ])('do not register for %s', async (_title, project, message) => {
    const { body } = await register(subjectOf('team/shop', 'b'), {
      image,
      ...(project && { project }),
    }).expect(403);
    expect(body.error.message).toContain(message);
  });

  it('name no image of another project, and move none', async () => {
    const own = subjectOf('team/shop', 'f');
    const other = subjectOf('team/pay', 'f');
    await register(own, { image, project: 'team/shop' });
    for (const tag of [image, image.replace(/:[^:]*$/, ':another')]) {
      const { body } = await register(other, {
        image: tag,
        project: 'team/pay',
      }).expect(403);
      expect(body.error.message).toContain(
        'is of the project team/shop, and external:github:repo:team/pay',
      );
    }
    await register('external:batch', { image, project: 'team/pay' }).expect(
      201,
    );
    await register(own, { image, project: 'team/shop' }).expect(403);
    await register(other, { image, project: 'team/pay' }).expect(200);
    await register('external:batch', { image, project: 'team/shop' }).expect(
      201,
    );
  });

  it('forget what is of their own project, and nothing else', async () => {
    const forget = (subject: string) =>
      request(backend.server)
        .delete(`${V1}/registrations`)
        .query({ image })
        .set('authorization', authorizationOf(subject));
    const own = subjectOf('team/shop', 'e');
    await register(own, { image, project: 'team/shop' });
    const { body } = await forget(subjectOf('team/pay', 'e')).expect(403);
    expect(body.error.message).toContain(
      'image: it is of the project team/shop, and external:github:repo:team/pay',
    );
    await forget(own).expect(204);
    await register(own, { image, project: 'team/shop' }).expect(201);
    await forget('external:batch').expect(204);
    await forget(own).expect(404);
    // the tests below find it as it was
    await register(own, { image, project: 'team/shop' }).expect(201);
  });

  it('are held in a batch too, each item on its own', async () => {
    const { body } = await request(backend.server)
      .post(`${V1}/registrations/batch`)
      .set('authorization', authorizationOf(subjectOf('team/shop', 'c')))
      .send({
        items: [
          { image, project: 'team/shop' },
          { image, project: 'team/pay' },
        ],
      })
      .expect(200);
    expect(
      body.results.map(({ status }: { status: number }) => status),
    ).toEqual([200, 403]);
  });
});

it('limits the writes of each subject, and no reads', async () => {
  const busy = subjectOf('team/busy', 'main');
  for (let count = 0; count < PER_MINUTE; count++) {
    await register(busy, {}).expect(400);
  }
  const { body, headers } = await register(busy, {}).expect(429);
  expect(body.error.message).toContain(
    `${busy} wrote more than ${PER_MINUTE} times in a minute`,
  );
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
  await request(backend.server)
    .get(`${V1}/summary`)
    .set('authorization', authorizationOf(busy))
    .expect(200);
  await register(subjectOf('team/other', 'main'), {}).expect(400);
});

describe('audit', () => {
  const subject = subjectOf('team/shop', 'd');

  it.each<[string, string | object, object]>([
    [
      'what was done',
      { image: 'IMAGE', project: 'team/shop', fields: { secret: 'hidden' } },
      { end: 'success', meta: { status: 201, image: 'IMAGE' } },
    ],
    [
      'what was refused',
      { image: 'IMAGE', project: 'team/pay' },
      {
        end: 'fail',
        meta: { status: 403, image: 'IMAGE' },
        error: 'answered 403',
      },
    ],
    [
      'what was no JSON',
      '{"hidden',
      { end: 'fail', meta: { status: 400 }, error: 'answered 400' },
    ],
  ])('records %s', async (_title, body, expected) => {
    const named = (value: object | string) =>
      JSON.parse(JSON.stringify(value).replaceAll('IMAGE', image));
    await register(subject, typeof body === 'string' ? body : named(body));
    const found = await ended();
    expect(found).toEqual([
      {
        begun: {
          eventId: 'register',
          severityLevel: 'low',
          meta: { permission: 'imglife.registration.create' },
        },
        ...named(expected),
      },
    ]);
    expect(JSON.stringify(found)).not.toContain('hidden');
  });

  it('names the images of a batch', async () => {
    await request(backend.server)
      .post(`${V1}/registrations/batch`)
      .set('authorization', authorizationOf(subjectOf('team/shop', 'f')))
      .send({
        items: [
          { image, project: 'team/pay', fields: { secret: 'hidden' } },
          'hidden',
          { image: 'x'.repeat(600) },
        ],
      })
      .expect(200);
    const [{ meta }] = await ended();
    expect(meta).toEqual({
      status: 200,
      images: [image, null, 'x'.repeat(512)],
    });
  });

  it('records each write there is, by the name of its operation', async () => {
    const { body } = await request(backend.server)
      .get('/api/imglife/openapi.json')
      .set('authorization', authorizationOf(subject))
      .expect(200);
    const writes = Object.entries<Record<string, { operationId: string }>>(
      body.paths,
    ).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => ['post', 'put', 'delete'].includes(method))
        .map(([method, { operationId }]) => ({ path, method, operationId })),
    );
    expect(writes.length).toBeGreaterThan(5);
    for (const { path, method, operationId } of writes) {
      const asked = `/api/imglife${path.replace(/\{\w+\}/g, 'none')}`;
      const { status } = await request(backend.server)
        [method as 'post' | 'delete'](asked)
        .set('authorization', authorizationOf(subjectOf('audit', operationId)))
        .send({});
      expect({ operationId, events: await ended() }).toEqual({
        operationId,
        events: [
          {
            begun: expect.objectContaining({
              eventId: operationId.replace(
                /[A-Z]/g,
                letter => `-${letter.toLowerCase()}`,
              ),
            }),
            end: 'fail',
            meta: { status },
            error: `answered ${status}`,
          },
        ],
      });
      events.length = 0;
    }
  });

  it('records a run, and no question', async () => {
    const authorization = authorizationOf(subject);
    const { server } = backend;
    await request(server)
      .get(`${V1}/runs`)
      .set('authorization', authorization)
      .expect(200);
    await request(server)
      .post(`${V1}/runs/none/cancel`)
      .set('authorization', authorization)
      .expect(404);
    expect(await ended()).toEqual([
      {
        begun: {
          eventId: 'cancel-run',
          severityLevel: 'medium',
          meta: { permission: 'imglife.run.cancel', id: 'none' },
        },
        end: 'fail',
        meta: { status: 404 },
        error: 'answered 404',
      },
    ]);
  });
});
