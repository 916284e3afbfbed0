import {
  actionsRegistryServiceMock,
  type MockActionsRegistry,
} from '@backstage/backend-test-utils/alpha';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import {
  createServiceFactory,
  type AuditorServiceEvent,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { actionsRegistryServiceFactory } from '@backstage/backend-defaults/alpha';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { imglifePermissions } from '@imglife/backstage-plugin-imglife-common';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import type { Knex } from 'knex';
import request from 'supertest';
import { imglifePlugin } from '../plugin';
import { baseTag } from '../status/__fixtures__/rows';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
const READS: Array<[string, object]> = [
  ['check-base', { base: 'alpine:3.19' }],
  ['list-outdated-applications', {}],
  ['find-applications-using-base', { base: 'alpine' }],
  ['get-image-lineage', { reference: 'reg.test/bases/alpine:1' }],
  ['get-latest-base', { name: 'alpine' }],
];

let knex: Knex;
let registry: TestRegistry;
let actions: MockActionsRegistry;
let backend: Awaited<ReturnType<typeof startTestBackend>>;
let image: string;
let base: string;
let mayDo: string[];
const permissions = mockServices.permissions.mock();
const auditor = mockServices.auditor.mock();
const events = mockServices.events.mock();
const ends: string[] = [];

beforeAll(async () => {
  knex = await databases.init('SQLITE_3');
  registry = await TestRegistry.start();
  image = `${registry.host}/apps/shop:1.0`;
  base = `${registry.host}/bases/alpine`;
  await pushImage(registry.host, {
    repository: 'apps/shop',
    tag: '1.0',
    platforms: ['linux/amd64'],
    created: new Date().toISOString(),
  });
  actions = actionsRegistryServiceMock();
  events.publish.mockResolvedValue();
  permissions.authorize.mockImplementation(async requests =>
    requests.map(({ permission }) => ({
      result: mayDo.includes(permission.name)
        ? AuthorizeResult.ALLOW
        : AuthorizeResult.DENY,
    })),
  );
  auditor.createEvent.mockImplementation(
    async ({ eventId, meta }): Promise<AuditorServiceEvent> => ({
      success: async () => {
        ends.push(`${eventId} ${meta?.image} done`);
      },
      fail: async ({ error }) => {
        ends.push(`${eventId} ${meta?.image} ${(error as Error).name}`);
      },
    }),
  );
  backend = await startTestBackend({
    features: [
      imglifePlugin,
      auditor.factory,
      events.factory,
      permissions.factory,
      mockServices.database.factory({ knex }),
      catalogServiceMock.factory({ entities: [] }),
      createServiceFactory({
        service: actionsRegistryServiceRef,
        deps: {},
        factory: () => actions,
      }),
      mockServices.rootConfig.factory({
        data: {
          imglife: {
            registries: [{ host: registry.host, insecure: true }],
            tiers: {
              mirrors: `${registry.host}/mirrors`,
              bases: `${registry.host}/bases`,
              applications: [`${registry.host}/apps`],
            },
            applications: { rateLimit: { perMinute: 3 } },
          },
        },
      }),
    ],
  });
  const row = (tag: string, more: object) =>
    baseTag({
      repository: base,
      tag,
      digest: `sha256:${tag}`,
      version_key: tag,
      ...more,
    });
  await knex('base_tag').insert([
    row('3.21.3-core1.0.0', { freshness: 'outdated' }),
    row('3.21.7-core1.2.0', {
      freshness: 'superseded',
      cycle: '3.21',
      published_at: '2026-03-02T00:00:00.000Z',
    }),
    row('3.24.1-core1.2.0', {
      freshness: 'current',
      cycle: '3.24',
      published_at: '2026-05-01T00:00:00.000Z',
    }),
  ]);
});

beforeEach(() => {
  mayDo = imglifePermissions.map(({ name }) => name);
  ends.length = 0;
});

afterAll(async () => {
  await backend.stop();
  await registry.stop();
  await knex.destroy();
});

async function invoke(name: string, input: object, subject = 'agent') {
  const { output } = await actions.invoke({
    id: `test:${name}`,
    input: input as never,
    credentials: mockCredentials.service(`external:${subject}`),
  });
  // what an action says it answers is what it answers
  return output as Record<string, any>;
}

it('are all described, and say whether they write', () => {
  const described = [...actions.actions.values()].map(action => ({
    name: action.name,
    readOnly: action.attributes?.readOnly,
    needs: action.visibilityPermission?.name,
  }));
  expect(described).toEqual([
    ...READS.map(([name]) => ({
      name,
      readOnly: true,
      needs: 'imglife.image.read',
    })),
    {
      name: 'register-application',
      readOnly: false,
      needs: 'imglife.registration.create',
    },
  ]);
});

it.each([
  ...READS,
  ['register-application', { image: 'reg.test/a:1' }],
] as Array<[string, object]>)(
  '%s does nothing for who may not',
  async (name, input) => {
    mayDo = ['imglife.run.create'];
    await expect(invoke(name, input)).rejects.toMatchObject({
      name: 'NotAllowedError',
      message: expect.stringMatching(/this needs the permission imglife\./),
    });
  },
);

it('register, once, and check', async () => {
  const registered = await invoke('register-application', {
    image,
    base: `${base}:3.21.3-core1.0.0`,
    project: 'team/shop',
  });
  expect(registered).toMatchObject({
    reference: image,
    created: true,
    verdict: {
      name: 'alpine',
      freshness: 'outdated',
      upToDate: false,
      latestInCycle: `${base}:3.21.7-core1.2.0`,
      latest: `${base}:3.24.1-core1.2.0`,
      violations: expect.arrayContaining(['outdated']),
    },
  });
  expect(registered.verdict).not.toHaveProperty('eol');
  const again = {
    image,
    base: `${base}:3.21.3-core1.0.0`,
    project: 'team/shop',
  };
  expect(await invoke('register-application', again)).toMatchObject({
    created: false,
  });
  expect(
    await invoke('check-base', { base: `${base}:3.24.1-core1.2.0` }),
  ).toMatchObject({ freshness: 'current', upToDate: true });
  expect(ends).toEqual([`register ${image} done`, `register ${image} done`]);
  // what was known already is no event
  expect(events.publish.mock.calls).toEqual([
    [
      {
        topic: 'imglife.application.registered',
        eventPayload: {
          reference: image,
          digest: expect.stringMatching(/^sha256:/),
          base: `${base}:3.21.3-core1.0.0`,
          project: 'team/shop',
          registeredBy: 'external:agent',
        },
      },
    ],
  ]);
});

it('list and find applications, page by page', async () => {
  const listed = await invoke('list-outdated-applications', {});
  expect(listed).toEqual({
    applications: [
      expect.objectContaining({
        reference: image,
        base: `${base}:3.21.3-core1.0.0`,
        latestInCycle: `${base}:3.21.7-core1.2.0`,
        project: 'team/shop',
      }),
    ],
    totalItems: 1,
  });
  const ending = await invoke('list-outdated-applications', {
    reason: 'ending',
  });
  expect(ending.totalItems).toBe(0);
  const found = await invoke('find-applications-using-base', {
    base: 'alpine',
    limit: 1,
  });
  expect(found.applications).toMatchObject([{ reference: image }]);
  await expect(
    invoke('find-applications-using-base', { base: 'reg/a:b:c' }),
  ).rejects.toMatchObject({ name: 'InputError' });
});

it('tell the lineage of an image', async () => {
  const lineage = await invoke('get-image-lineage', { reference: image });
  expect(lineage).toMatchObject({
    image: { reference: image, tier: 'applications' },
    totalBases: 0,
    totalApplications: 0,
  });
  expect(lineage.builtOn[0]).toMatchObject({
    reference: `${base}:3.21.3-core1.0.0`,
    tier: 'bases',
  });
  await expect(
    invoke('get-image-lineage', { reference: `${base}:none` }),
  ).rejects.toMatchObject({ name: 'NotFoundError' });
});

it('tell what to build on, the newest cycle first', async () => {
  const { bases } = await invoke('get-latest-base', { name: 'alpine' });
  expect(bases).toMatchObject([
    { reference: `${base}:3.24.1-core1.2.0`, freshness: 'current' },
    { reference: `${base}:3.21.7-core1.2.0`, freshness: 'superseded' },
  ]);
  const staying = await invoke('get-latest-base', {
    name: 'alpine',
    cycle: '3.21',
  });
  expect(staying.bases).toHaveLength(1);
});

it('count with the writes of routes, and are refused one too many', async () => {
  const write = () =>
    invoke('register-application', { image: 'no reference at all' }, 'busy');
  for (let count = 0; count < 3; count += 1) {
    await expect(write()).rejects.toMatchObject({ name: 'InputError' });
  }
  await expect(write()).rejects.toMatchObject({
    name: 'TooManyRequestsError',
    message: expect.stringContaining('external:busy wrote more than 3 times'),
  });
  expect(ends).toContain('register no reference at all TooManyRequestsError');
});

it('are served where the portal looks for them', async () => {
  const served = await startTestBackend({
    features: [
      imglifePlugin,
      actionsRegistryServiceFactory,
      catalogServiceMock.factory({ entities: [] }),
      mockServices.rootConfig.factory({
        data: {
          imglife: {
            registries: [{ host: 'reg.test' }],
            tiers: {
              mirrors: 'reg.test/mirrors',
              bases: 'reg.test/bases',
              applications: ['reg.test/apps'],
            },
          },
        },
      }),
    ],
  });
  const from = '/api/imglife/.backstage/actions/v1/actions';
  const authorization = mockCredentials.service.header();
  const listed = await request(served.server)
    .get(from)
    .set('authorization', authorization)
    .expect(200);
  expect(
    listed.body.actions.map(({ id }: { id: string }) => id).sort(),
  ).toEqual([
    'imglife:check-base',
    'imglife:find-applications-using-base',
    'imglife:get-image-lineage',
    'imglife:get-latest-base',
    'imglife:list-outdated-applications',
    'imglife:register-application',
  ]);
  const { body } = await request(served.server)
    .post(`${from}/imglife:check-base/invoke`)
    .set('authorization', authorization)
    .send({ base: 'docker.io/library/alpine:3.19' })
    .expect(200);
  expect(body.output).toMatchObject({
    freshness: 'unmanaged',
    support: 'ended',
  });
  await served.stop();
});
