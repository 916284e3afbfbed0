import { pushedImages } from './pushedImages';

const digest = `sha256:${'a'.repeat(64)}`;

describe('pushedImages', () => {
  it.each<[string, unknown, unknown]>([
    [
      'docker-registry',
      {
        events: [
          {
            id: '320678d8-ca14-430f-8bb6-4ca139cd83f7',
            timestamp: '2026-06-01T00:00:00Z',
            action: 'push',
            target: {
              mediaType: 'application/vnd.oci.image.manifest.v1+json',
              digest,
              size: 708,
              repository: 'apps/shop',
              url: `http://reg.test:5000/v2/apps/shop/manifests/${digest}`,
              tag: '1.0.0',
            },
            request: { id: 'x', addr: '10.0.0.1', host: 'reg.test:5000' },
          },
          {
            action: 'push',
            target: { repository: 'apps/shop', digest },
            request: { host: 'reg.test:5000' },
          },
          {
            action: 'pull',
            target: { repository: 'apps/shop', tag: '1.0.0' },
            request: { host: 'reg.test:5000' },
          },
        ],
      },
      [{ host: 'reg.test:5000', repository: 'apps/shop', tag: '1.0.0' }],
    ],
    [
      'GitLab',
      {
        events: [
          {
            id: 'c5bff8ef-4a9d-4f6d-8d9e-6e1fd7e0b9d5',
            timestamp: '2026-06-01T00:00:00.000000000Z',
            action: 'push',
            target: {
              mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
              size: 1157,
              digest,
              length: 1157,
              repository: 'group/sub/project/image',
              url: `https://registry.gitlab.test/v2/group/sub/project/image/manifests/${digest}`,
              tag: 'main',
            },
            request: {
              id: 'y',
              addr: '10.0.0.2',
              host: 'registry.gitlab.test',
              method: 'PUT',
              useragent: 'docker/27.0.0',
            },
            actor: { name: 'root', user_type: 'personal_access_token' },
            source: { addr: 'registry-1:5000', instanceID: 'z' },
          },
        ],
      },
      [
        {
          host: 'registry.gitlab.test',
          repository: 'group/sub/project/image',
          tag: 'main',
        },
      ],
    ],
    [
      'Harbor',
      {
        type: 'PUSH_ARTIFACT',
        occur_at: 1680501893,
        operator: 'admin',
        event_data: {
          resources: [
            {
              digest,
              tag: '1.0.0',
              resource_url: 'harbor.test/apps/shop:1.0.0',
            },
            {
              digest,
              tag: digest,
              resource_url: `harbor.test/apps/shop@${digest}`,
            },
          ],
          repository: { name: 'shop', namespace: 'apps' },
        },
      },
      [{ host: 'harbor.test', repository: 'apps/shop', tag: '1.0.0' }],
    ],
    [
      'Harbor, deleted',
      {
        type: 'DELETE_ARTIFACT',
        event_data: {
          resources: [{ tag: '1', resource_url: 'harbor.test/apps/shop:1' }],
        },
      },
      [],
    ],
    [
      'GitHub',
      {
        action: 'published',
        package: {
          name: 'shop',
          namespace: 'org',
          package_type: 'CONTAINER',
          package_version: {
            package_url: 'ghcr.io/org/shop:1.0.0',
            container_metadata: { tag: { name: '1.0.0', digest } },
          },
        },
      },
      [{ host: 'ghcr.io', repository: 'org/shop', tag: '1.0.0' }],
    ],
    [
      'GitHub, by its other name',
      {
        action: 'updated',
        registry_package: {
          package_type: 'CONTAINER',
          package_version: {
            package_url: 'ghcr.io/org/shop:',
            container_metadata: { tag: { name: 'main' } },
          },
        },
      },
      [{ host: 'ghcr.io', repository: 'org/shop', tag: 'main' }],
    ],
    [
      'GitHub, no image',
      {
        action: 'published',
        package: {
          package_type: 'npm',
          package_version: { package_url: 'https://npm.pkg.github.com/x' },
        },
      },
      [],
    ],
    [
      'Quay',
      {
        name: 'shop',
        repository: 'org/shop',
        namespace: 'org',
        docker_url: 'quay.io/org/shop',
        homepage: 'https://quay.io/repository/org/shop',
        updated_tags: ['latest', '1.0.0', 'no tag'],
      },
      [
        { host: 'quay.io', repository: 'org/shop', tag: 'latest' },
        { host: 'quay.io', repository: 'org/shop', tag: '1.0.0' },
      ],
    ],
    ['something else', { action: 'opened', number: 7 }, undefined],
    ['nothing', null, undefined],
    ['text', 'push', undefined],
    ['a broken one', { events: [{ action: 7 }] }, undefined],
    ['hostile ones', { events: [{ action: 'push', target: {} }] }, []],
  ])('of %s', (_name, payload, expected) => {
    expect(pushedImages(payload)).toEqual(expected);
  });
});
