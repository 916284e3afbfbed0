import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { TierQuery } from '@imglife/backstage-plugin-imglife-common';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ImageEntityProvider } from './ImageEntityProvider';

const HOST = 'registry.example.com';

function base(name: string) {
  return {
    reference: `${HOST}/bases/${name}:1`,
    repository: `${HOST}/bases/${name}`,
    name,
    tag: '1',
    version: '1',
    state: 'published',
    status: 'ok',
    eolDate: null,
    builtAt: '2026-01-01T00:00:00.000Z',
  };
}

function application(name: string, entityRef: string | null) {
  return {
    reference: `${HOST}/apps/${name}:1`,
    repository: `${HOST}/apps/${name}`,
    tag: '1',
    status: 'ok',
    state: 'current',
    eolDate: null,
    builtAt: '2026-01-01T00:00:00.000Z',
    entityRef,
    owner: entityRef && 'group:default/a',
    base: { reference: `${HOST}/bases/alpine:1`, name: 'alpine', version: '1' },
    detection: { confidence: 'confirmed' },
  };
}

const component: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'pay', namespace: 'default' },
  spec: { type: 'service', owner: 'group:default/a' },
};

describe('ImageEntityProvider', () => {
  let server: Server;
  let rows: { bases: unknown[]; applications: unknown[] };
  let status: number;
  let queries: TierQuery[];
  let authorizations: Array<string | undefined>;
  let provider: ImageEntityProvider;
  let applyMutation: jest.Mock;
  let task: () => Promise<void>;
  let tell: (topic: string) => Promise<void>;
  let now: Date;

  beforeEach(async () => {
    rows = {
      bases: [base('alpine')],
      applications: [application('pay', 'component:default/pay')],
    };
    status = 200;
    queries = [];
    authorizations = [];
    server = createServer((request, response) => {
      const url = new URL(request.url!, 'http://portal');
      queries.push(Object.fromEntries(url.searchParams));
      authorizations.push(request.headers.authorization);
      const tier = url.pathname.split('/').at(-1) as keyof typeof rows;
      const start = Number(url.searchParams.get('cursor') ?? 0);
      const limit = Number(url.searchParams.get('limit'));
      const end = start + limit;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(
          status === 200
            ? {
                items: rows[tier].slice(start, end),
                totalItems: rows[tier].length,
                pageInfo:
                  end < rows[tier].length ? { nextCursor: `${end}` } : {},
              }
            : { error: { name: 'Error', message: 'the database is away' } },
        ),
      );
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    applyMutation = jest.fn(async () => {});
    now = new Date('2026-05-10T12:00:00.000Z');
    const events = mockServices.events();
    tell = topic => events.publish({ topic, eventPayload: {} });
    provider = ImageEntityProvider.create({
      auth: mockServices.auth(),
      catalog: catalogServiceMock({ entities: [component] }),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async () => `http://127.0.0.1:${port}/api/imglife`,
      }),
      events,
      now: () => now,
      logger: mockServices.logger.mock(),
      options: {
        namespace: 'imglife',
        applications: 'mapped',
        defaultOwner: 'group:default/unknown',
        baseOwner: () => 'group:default/platform',
      },
      taskRunner: {
        run: async ({ fn }) => {
          task = fn as () => Promise<void>;
        },
      },
    });
    await provider.connect({ applyMutation, refresh: jest.fn() });
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise(resolve => {
      server.close(resolve);
    });
  });

  const told = (): Entity[] =>
    applyMutation.mock.calls
      .at(-1)[0]
      .entities.map(({ entity }: { entity: Entity }) => entity);

  it('tells the catalog all images, as its own', async () => {
    await task();
    expect(applyMutation).toHaveBeenCalledWith({
      type: 'full',
      entities: [
        expect.objectContaining({ locationKey: 'imglife' }),
        expect.objectContaining({ locationKey: 'imglife' }),
      ],
    });
    expect(
      told()
        .map(({ metadata }) => metadata.title)
        .sort(),
    ).toEqual([`${HOST}/apps/pay`, `${HOST}/bases/alpine`]);
    expect(authorizations.every(text => text?.startsWith('Bearer '))).toBe(
      true,
    );
  });

  it('follows pages to the end', async () => {
    rows.bases = Array.from({ length: 1_201 }, (_, index) => base(`b${index}`));
    await task();
    expect(told()).toHaveLength(1_202);
    expect(queries.filter(({ cursor }) => cursor)).toHaveLength(2);
  });

  it('says nothing while nothing changes, and again once something does', async () => {
    await task();
    await task();
    expect(applyMutation).toHaveBeenCalledTimes(1);
    rows.bases.push(base('debian'));
    await task();
    expect(applyMutation).toHaveBeenCalledTimes(2);
    expect(told()).toHaveLength(3);
  });

  it('says it again after a while: another replica may have said something older', async () => {
    await task();
    now = new Date('2026-05-10T12:09:59.000Z');
    await task();
    expect(applyMutation).toHaveBeenCalledTimes(1);
    now = new Date('2026-05-10T12:10:00.000Z');
    await task();
    expect(applyMutation).toHaveBeenCalledTimes(2);
  });

  it('follows soon what it is told of, once for a burst', async () => {
    await task();
    rows.bases.push(base('debian'));
    queries = [];
    for (let count = 0; count < 50; count += 1) {
      await tell('imglife.base.published');
    }
    await tell('somebody.else');
    while (applyMutation.mock.calls.length < 2) {
      await new Promise(resolve => {
        setTimeout(resolve, 50);
      });
    }
    expect(told()).toHaveLength(3);
    expect(queries).toHaveLength(2);
  });

  it('reads no more applications than it brings', async () => {
    await task();
    const [bases, applications] = queries;
    expect(bases).not.toHaveProperty('owned');
    expect(applications).toMatchObject({ owned: 'true' });
  });

  it('takes images away that are gone', async () => {
    await task();
    rows.applications = [];
    await task();
    expect(told()).toHaveLength(1);
  });

  it('deletes nothing when the backend fails, and recovers', async () => {
    await task();
    status = 503;
    await expect(task()).rejects.toThrow(
      /keeps those it has.*the database is away/,
    );
    expect(applyMutation).toHaveBeenCalledTimes(1);
    status = 200;
    rows.bases.push(base('debian'));
    await task();
    expect(applyMutation).toHaveBeenCalledTimes(2);
  });

  it('tells again what the catalog did not take', async () => {
    applyMutation.mockRejectedValueOnce(new Error('catalog away'));
    await expect(task()).rejects.toThrow('catalog away');
    await task();
    expect(applyMutation).toHaveBeenCalledTimes(2);
  });

  it('leaves out applications without a component, or whose component is gone', async () => {
    rows.applications.push(
      application('alone', null),
      application('orphan', 'component:default/gone'),
    );
    await task();
    const pay = told().find(
      ({ metadata }) => metadata.title === `${HOST}/apps/pay`,
    );
    expect(pay?.spec?.dependencyOf).toEqual(['component:default/pay']);
    expect(told().map(({ metadata }) => metadata.title)).not.toContain(
      `${HOST}/apps/alone`,
    );
    const references = told().flatMap(({ spec }) => [
      ...((spec?.dependencyOf as string[]) ?? []),
      ...((spec?.dependsOn as string[]) ?? []),
    ]);
    expect(references).not.toContain('component:default/gone');
  });
});
