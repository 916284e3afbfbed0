import { TestRegistry } from '@imglife/test-registry';
import { DeletesDisabledError } from '../errors';
import type { Descriptor } from '../manifests';
import { MediaTypes } from '../mediaTypes';
import { RegistryClient } from '../RegistryClient';
import { Pusher } from '../testing/Pusher';
import { removeTag } from './removeTag';
import { TagSurvey } from './TagSurvey';

const repository = 'bases/alpine';

const kinds = [
  ['a registry that deletes tags', {}],
  [
    'a registry that deletes by digest only',
    { deleteTags: false, referrers: false, ociSubject: false },
  ],
] as const;

describe.each(kinds)('removeTag at %s', (_, capabilities) => {
  let registry: TestRegistry;
  let client: RegistryClient;
  let push: Pusher;

  beforeEach(async () => {
    registry = await TestRegistry.start({ capabilities });
    client = RegistryClient.create({ host: registry.host, insecure: true });
    push = new Pusher(client, repository);
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
  });

  const survey = () => TagSurvey.create({ client, repository });
  const remove = (
    tag: string,
    { digest }: Descriptor,
    more: { survey?: TagSurvey; isKept?(digest: string): boolean } = {},
  ) =>
    removeTag({ client, repository, tag, digest, survey: survey(), ...more });
  const has = async (reference: string) =>
    (await client.headManifest(repository, reference)) !== undefined;
  const present = async (all: Descriptor[]) => {
    const found = await Promise.all(all.map(({ digest }) => has(digest)));
    return all.filter((_each, index) => found[index]);
  };
  // of a repository that has nothing any more registries say that it is absent
  const tags = () => client.listTags(repository).catch(() => []);

  async function signed(tag: string, children: Descriptor[]) {
    const index = await push.index(children, tag, {
      annotations: { of: tag },
    });
    const signature = await push.referrer(index, `signature of ${tag}`);
    const countersign = await push.referrer(signature, `seen ${tag}`);
    const sbom = await push.referrer(children[0], `sbom of ${tag}`);
    const cosign = `${index.digest.replace(':', '-')}.sig`;
    const old = await push.manifest(
      { config: await push.config(`cosign ${tag}`), layers: [] },
      cosign,
    );
    return { index, children, below: [signature, countersign, old], sbom };
  }

  it('takes an image with its children and all that refers to it', async () => {
    const amd64 = await push.image('amd64');
    const image = await signed('1', [amd64, await push.image('arm64')]);
    const other = await push.manifest(
      { config: await push.config('s390x'), layers: [] },
      'other',
    );
    expect(await remove('1', image.index)).toEqual({
      outcome: 'removed',
      shared: false,
      // and where there is no API, the three indexes of referrers
      manifests: 'referrers' in capabilities ? 10 : 7,
    });
    expect(
      await present([
        image.index,
        ...image.children,
        ...image.below,
        image.sbom,
      ]),
    ).toEqual([]);
    expect(await tags()).toEqual(['other']);
    expect(await has(other.digest)).toBe(true);
    expect(await remove('1', image.index)).toMatchObject({
      outcome: 'absent',
      manifests: 0,
    });
  });

  it('leaves what another tag has: the digest, and its referrers', async () => {
    const children = [await push.image('amd64'), await push.image('arm64')];
    const image = await signed('1', children);
    const { bytes } = await client.getManifest(repository, '1');
    await client.putManifest(repository, 'latest', bytes, MediaTypes.ociIndex);
    const all = [image.index, ...children, ...image.below, image.sbom];

    expect(await remove('1', image.index)).toEqual({
      outcome: 'removed',
      shared: true,
      manifests: 0,
    });
    expect(await has('1')).toBe(false);
    expect((await client.headManifest(repository, 'latest'))?.digest).toBe(
      image.index.digest,
    );
    expect(await present(all)).toEqual(all);
    expect(
      await client.listReferrers(repository, image.index.digest),
    ).toHaveLength(1);

    // a repeat of a removal that was not recorded
    expect(await remove('1', image.index)).toMatchObject({
      outcome: 'absent',
      shared: true,
    });
    expect(await remove('latest', image.index)).toMatchObject({
      outcome: 'removed',
      shared: false,
    });
    expect(await present(all)).toEqual([]);
  });

  it('leaves children that another index has, and an image that is one', async () => {
    const [shared, own] = [await push.image('amd64'), await push.image('arm')];
    const first = await signed('1', [shared, own]);
    const second = await push.index([shared], '2');
    await client.putManifest(
      repository,
      'only-amd64',
      (
        await client.getManifest(repository, shared.digest)
      ).bytes,
      MediaTypes.ociManifest,
    );
    expect(await remove('only-amd64', shared)).toMatchObject({ shared: true });
    expect(await has('only-amd64')).toBe(false);
    await remove('1', first.index);
    expect(await present([first.index, shared, own, second])).toEqual([
      shared,
      second,
    ]);
    // it is of the child that stays
    expect(await has(first.sbom.digest)).toBe(true);
  });

  it('leaves children that are used by their digest', async () => {
    const children = [await push.image('amd64'), await push.image('arm64')];
    const index = await push.index(children, '1');
    await remove('1', index, {
      isKept: digest => digest === children[1].digest,
    });
    expect(await present([index, ...children])).toEqual([children[1]]);
  });

  it('leaves a tag that points at something else by now', async () => {
    const before = await push.index([await push.image('amd64')], '1');
    const after = await push.index([await push.image('arm64')], '1');
    expect(await remove('1', before)).toEqual({
      outcome: 'moved',
      shared: false,
      manifests: 0,
    });
    expect((await client.headManifest(repository, '1'))?.digest).toBe(
      after.digest,
    );
  });

  it('removes two tags of one digest with one look at the repository', async () => {
    const index = await push.index([await push.image('amd64')], '1');
    const { bytes } = await client.getManifest(repository, '1');
    await client.putManifest(repository, '2', bytes, MediaTypes.ociIndex);
    const seen = survey();
    expect(await remove('1', index, { survey: seen })).toMatchObject({
      shared: true,
    });
    expect(await remove('2', index, { survey: seen })).toMatchObject({
      shared: false,
      manifests: 2,
    });
    expect(await tags()).toEqual([]);
  });

  it('looks again when what it saw is too old', async () => {
    let now = 0;
    const seen = TagSurvey.create({ client, repository, now: () => now });
    const index = await push.index([await push.image('amd64')], '1');
    expect(await seen.isReached(index.digest, new Set(['1']))).toBe(false);
    const { bytes } = await client.getManifest(repository, '1');
    await client.putManifest(repository, '2', bytes, MediaTypes.ociIndex);
    expect(await seen.isReached(index.digest, new Set(['1']))).toBe(false);
    now = 10_000;
    expect(await seen.isReached(index.digest, new Set(['1']))).toBe(true);
  });

  it('says which setting is missing where nothing is deleted, and harms nothing', async () => {
    registry.capabilities.deletes = false;
    const index = await push.index([await push.image('amd64')], '1');
    await push.referrer(index, 'signature');
    const { bytes } = await client.getManifest(repository, '1');
    const shared = await push.index([await push.image('arm64')], '2');
    await client.putManifest(
      repository,
      '3',
      (
        await client.getManifest(repository, '2')
      ).bytes,
      MediaTypes.ociIndex,
    );
    for (const [tag, found] of [
      ['1', index],
      ['2', shared],
    ] as const) {
      const error = await remove(tag, found).catch(thrown => thrown);
      expect(error).toBeInstanceOf(DeletesDisabledError);
      expect(error.message).toContain('REGISTRY_STORAGE_DELETE_ENABLED=true');
      expect(error.message).toContain(registry.host);
      expect((await client.headManifest(repository, tag))?.digest).toBe(
        found.digest,
      );
    }
    expect((await client.getManifest(repository, '1')).bytes).toEqual(bytes);
  });

  it('says so when a registry fails in between, and finishes the next time', async () => {
    const image = await signed('1', [await push.image('amd64')]);
    const fault = registry.fail({
      method: 'DELETE',
      path: new RegExp(image.index.digest),
      action: { kind: 'status', status: 403 },
      times: Infinity,
    });
    await expect(remove('1', image.index)).rejects.toThrow(/403/);
    fault.remove();
    expect((await remove('1', image.index)).shared).toBe(false);
    expect(
      await present([
        image.index,
        ...image.children,
        ...image.below,
        image.sbom,
      ]),
    ).toEqual([]);
    expect(await tags()).toEqual([]);
  });
});

it('finishes what was interrupted while a manifest stood in for the tag', async () => {
  const registry = await TestRegistry.start({
    capabilities: { deleteTags: false },
  });
  const client = RegistryClient.create({ host: registry.host, insecure: true });
  try {
    const push = new Pusher(client, repository);
    const index = await push.index([await push.image('amd64')], '1');
    const { bytes } = await client.getManifest(repository, '1');
    await client.putManifest(repository, '2', bytes, MediaTypes.ociIndex);
    registry.fail({
      method: 'DELETE',
      path: /sha256:/,
      skip: 1,
      action: { kind: 'status', status: 403 },
    });
    const remove = () =>
      removeTag({
        client,
        repository,
        tag: '1',
        digest: index.digest,
        survey: TagSurvey.create({ client, repository }),
      });
    await expect(remove()).rejects.toThrow(/403/);
    expect((await client.headManifest(repository, '1'))?.digest).not.toBe(
      index.digest,
    );
    expect(await remove()).toMatchObject({ outcome: 'removed', shared: true });
    expect(await client.listTags(repository)).toEqual(['2']);
    expect((await client.headManifest(repository, '2'))?.digest).toBe(
      index.digest,
    );
  } finally {
    await client.close();
    await registry.stop();
  }
});

it.each<[string, RegExp, object, RegExp]>([
  ['the image', /manifests/, { error: 'no route' }, /404/],
  ['the list of tags', /tags\/list/, { error: 'no route' }, /404/],
  ['a tag in the list', /tags\/list/, { tags: ['other'] }, /lists other tags/],
  ['every tag in the list', /tags\/list/, { tags: null }, /lists other tags/],
])(
  'takes nothing for gone when a proxy hides %s',
  async (_, path, body, words) => {
    let hides = false;
    const registry = await TestRegistry.start({
      intercept: (request, response) => {
        const isHidden = hides && path.test(request.url ?? '');
        if (isHidden) {
          response
            .writeHead('error' in body ? 404 : 200, {
              'content-type': 'application/json',
            })
            .end(JSON.stringify(body));
        }
        return isHidden;
      },
    });
    const client = RegistryClient.create({
      host: registry.host,
      insecure: true,
    });
    try {
      const push = new Pusher(client, repository);
      const index = await push.index([await push.image('amd64')], '1');
      await push.index([await push.image('amd64')], 'other');
      hides = true;
      await expect(
        removeTag({
          client,
          repository,
          tag: '1',
          digest: index.digest,
          survey: TagSurvey.create({ client, repository }),
        }),
      ).rejects.toThrow(words);
      hides = false;
      expect(await client.listTags(repository)).toEqual(['1', 'other']);
    } finally {
      await client.close();
      await registry.stop();
    }
  },
);

it('knows a registry that takes tags away and refuses to delete by digest', async () => {
  const registry = await TestRegistry.start({
    intercept: (request, response) => {
      const refuses =
        request.method === 'DELETE' && /sha256:/.test(request.url ?? '');
      if (refuses) {
        response.writeHead(405).end();
      }
      return refuses;
    },
  });
  const client = RegistryClient.create({ host: registry.host, insecure: true });
  try {
    const push = new Pusher(client, repository);
    const index = await push.index([await push.image('amd64')], '1');
    expect(
      await removeTag({
        client,
        repository,
        tag: '1',
        digest: index.digest,
        survey: TagSurvey.create({ client, repository }),
      }),
    ).toEqual({ outcome: 'removed', shared: false, manifests: 0 });
  } finally {
    await client.close();
    await registry.stop();
  }
});
