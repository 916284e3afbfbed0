import {
  imageMapping,
  type ImageOwner,
  type MappedImage,
} from './EntityMapper';

function owner(name: string, change: Partial<ImageOwner> = {}): ImageOwner {
  return {
    entityRef: `component:default/${name}`,
    owner: `group:default/of-${name}`,
    images: [],
    projects: [],
    ...change,
  };
}

const owners = [
  owner('all', { images: ['reg.test/*'], projects: ['team/all'] }),
  owner('narrow', { images: ['reg.test/apps/*'] }),
  owner('twin-b', { images: ['reg.test/twin'], projects: ['team/twin'] }),
  owner('twin-a', { images: ['reg.test/twin'], projects: ['team/twin'] }),
  owner('exact', { images: ['reg.test/other', 'reg.test/apps/exact'] }),
  owner('unowned', { owner: undefined, projects: ['team/unowned'] }),
];

describe('imageMapping', () => {
  it.each<[string, MappedImage, string | undefined]>([
    ['exactly', { repository: 'reg.test/apps/exact' }, 'exact'],
    ['exactly only', { repository: 'reg.test/apps/exact-2' }, 'narrow'],
    ['the longest pattern', { repository: 'reg.test/apps/shop' }, 'narrow'],
    ['a shorter one', { repository: 'reg.test/web/shop' }, 'all'],
    ['the first by name', { repository: 'reg.test/twin' }, 'twin-a'],
    [
      'the image before the project',
      { repository: 'reg.test/apps/shop', project: 'team/twin' },
      'narrow',
    ],
    ['the project', { repository: 'quay.io/shop', project: 'team/all' }, 'all'],
    [
      'the first of a project',
      { repository: 'quay.io/shop', project: 'team/twin' },
      'twin-a',
    ],
    [
      'no part of a project',
      { repository: 'quay.io/shop', project: 'team' },
      undefined,
    ],
    ['nothing', { repository: 'quay.io/shop' }, undefined],
    [
      'as declared, whatever else matches',
      {
        repository: 'reg.test/apps/exact',
        declared: 'component:default/all',
      },
      'all',
    ],
  ])('%s', (_, image, name) => {
    expect(imageMapping(owners)(image)).toEqual(
      name
        ? {
            entityRef: `component:default/${name}`,
            owner: `group:default/of-${name}`,
          }
        : {},
    );
  });

  it('keeps a declared entity that the catalog does not have', () => {
    const declared = 'component:default/new';
    expect(
      imageMapping(owners)({ repository: 'reg.test/apps/exact', declared }),
    ).toEqual({ entityRef: declared, owner: undefined });
  });

  it('maps to an entity without an owner', () => {
    const image = { repository: 'quay.io/x', project: 'team/unowned' };
    expect(imageMapping(owners)(image)).toEqual({
      entityRef: 'component:default/unowned',
      owner: undefined,
    });
  });
});
