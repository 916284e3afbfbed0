import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { CatalogEntityMapper } from './CatalogEntityMapper';

function component(
  name: string,
  annotations?: Record<string, string>,
  change: Partial<Entity> = {},
): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations },
    spec: { owner: 'team-a' },
    ...change,
  };
}

describe('CatalogEntityMapper', () => {
  let clock: number;

  function mapperOf(catalog: ReturnType<typeof catalogServiceMock>) {
    return CatalogEntityMapper.create({
      auth: mockServices.auth(),
      catalog,
      now: () => new Date(clock),
    });
  }

  async function ownerOf(entity: Entity) {
    const catalog = catalogServiceMock({ entities: [entity] });
    return (await mapperOf(catalog).owners())[0];
  }

  beforeEach(() => {
    clock = 0;
  });

  it('reads images, projects and owner of a component', async () => {
    const owner = await ownerOf(
      component('Shop', {
        'imglife.io/images': ' reg.test/apps/shop, ,reg.test/jobs/shop-* ',
        'gitlab.com/project-slug': 'team/shop',
        'backstage.io/source-location':
          'url:https://gitlab.test/team/mono/-/tree/main/shop/',
      }),
    );
    expect(owner).toEqual({
      entityRef: 'component:default/shop',
      owner: 'group:default/team-a',
      images: ['reg.test/apps/shop', 'reg.test/jobs/shop-*'],
      projects: ['team/shop', 'team/mono'],
    });
  });

  it.each([
    'gitlab.com/project-slug',
    'github.com/project-slug',
    'gitea.com/repo-slug',
    'bitbucket.org/project-slug',
  ])('takes the project of %s', async annotation => {
    const owner = await ownerOf(component('shop', { [annotation]: 'team/x' }));
    expect(owner.projects).toEqual(['team/x']);
  });

  it.each<[string, Partial<Entity>, string | undefined]>([
    ['of its own namespace', { spec: { owner: 'x' } }, 'group:team/x'],
    ['in full', { spec: { owner: 'User:default/Me' } }, 'user:default/me'],
    [
      'as the catalog resolved it',
      {
        relations: [
          { type: 'dependsOn', targetRef: 'resource:default/db' },
          { type: 'ownedBy', targetRef: 'group:default/resolved' },
        ],
      },
      'group:default/resolved',
    ],
    ['that is none', { spec: {} }, undefined],
  ])('has an owner %s', async (_, change, expected) => {
    const entity = component('shop', undefined, {
      ...change,
      metadata: { name: 'shop', namespace: 'team' },
    });
    expect((await ownerOf(entity)).owner).toBe(expected);
  });

  it('passes over other kinds, and keeps components without annotations', async () => {
    const catalog = catalogServiceMock({
      entities: [
        component('shop'),
        component('api', { 'imglife.io/images': 'x' }, { kind: 'API' }),
      ],
    });
    expect(await mapperOf(catalog).owners()).toEqual([
      {
        entityRef: 'component:default/shop',
        owner: 'group:default/team-a',
        images: [],
        projects: [],
      },
    ]);
  });

  it('reads every page as the plugin itself, and only what it needs', async () => {
    const catalog = catalogServiceMock.mock();
    const page = (name: string, nextCursor?: string) => ({
      items: [component(name)],
      totalItems: 2,
      pageInfo: { nextCursor },
    });
    catalog.queryEntities
      .mockResolvedValueOnce(page('a', 'more'))
      .mockResolvedValueOnce(page('b'));
    const owners = await mapperOf(catalog).owners();
    expect(owners.map(({ entityRef }) => entityRef)).toEqual([
      'component:default/a',
      'component:default/b',
    ]);
    const fields = expect.arrayContaining(['metadata.annotations']);
    const credentials = mockCredentials.service('plugin:test');
    expect(catalog.queryEntities.mock.calls).toEqual([
      [
        expect.objectContaining({ filter: { kind: 'component' }, fields }),
        { credentials: expect.objectContaining(credentials) },
      ],
      [
        expect.objectContaining({ cursor: 'more', fields }),
        { credentials: expect.objectContaining(credentials) },
      ],
    ]);
  });

  it('asks again after a minute, and at once after a failure', async () => {
    const catalog = catalogServiceMock.mock();
    const answer = { items: [], totalItems: 0, pageInfo: {} };
    catalog.queryEntities.mockRejectedValueOnce(new Error('away'));
    catalog.queryEntities.mockResolvedValue(answer);
    const mapper = mapperOf(catalog);
    await expect(mapper.owners()).rejects.toThrow('away');
    expect(await mapper.owners()).toEqual([]);
    clock = 59_999;
    await Promise.all([mapper.owners(), mapper.owners()]);
    expect(catalog.queryEntities).toHaveBeenCalledTimes(2);
    clock = 60_000;
    await Promise.all([mapper.owners(), mapper.owners()]);
    expect(catalog.queryEntities).toHaveBeenCalledTimes(3);
  });

  it('keeps the newer answer when an older question fails', async () => {
    const catalog = catalogServiceMock.mock();
    let fail = (_: Error) => {};
    catalog.queryEntities.mockReturnValueOnce(
      new Promise((_, reject) => {
        fail = reject;
      }),
    );
    catalog.queryEntities.mockResolvedValue({
      items: [component('shop')],
      totalItems: 1,
      pageInfo: {},
    });
    const mapper = mapperOf(catalog);
    const first = mapper.owners();
    clock = 60_000;
    await mapper.owners();
    fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    expect(await mapper.owners()).toHaveLength(1);
    expect(catalog.queryEntities).toHaveBeenCalledTimes(2);
  });
});
