import { TestRegistry } from '@imglife/test-registry';
import { MediaTypes } from '../mediaTypes';
import { RegistryClient } from '../RegistryClient';
import { referrersTag } from '../referrers/referrersTag';
import { Pusher } from '../testing/Pusher';
import { copyImage } from './copyImage';
import { copyReferrers } from './copyReferrers';

type Capabilities = NonNullable<
  NonNullable<Parameters<typeof TestRegistry.start>[0]>['capabilities']
>;

const withApi: Capabilities = {};
const withoutApi: Capabilities = { referrers: false, ociSubject: false };

describe('referrers', () => {
  const closers: Array<() => Promise<void>> = [];

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function start(capabilities: Capabilities) {
    const registry = await TestRegistry.start({ capabilities });
    const client = RegistryClient.create({
      host: registry.host,
      insecure: true,
    });
    closers.push(
      () => client.close(),
      () => registry.stop(),
    );
    return { registry, client };
  }

  /** An index with statements about it, about one platform, and about a statement. */
  async function pushSigned(client: RegistryClient) {
    const push = new Pusher(client, 'src');
    const children = [await push.image('amd64'), await push.image('arm64')];
    const index = await push.index(children, '1');
    const signature = await push.referrer(index, 'signed index');
    const sbom = await push.referrer(children[0], 'sbom', 'application/sbom');
    const countersign = await push.referrer(signature, 'countersigned');
    await push.manifest(
      { config: await push.config('amd64'), layers: [] },
      `${index.digest.replace(':', '-')}.sig`,
    );
    return { push, index, children, signature, sbom, countersign };
  }

  const digestsOf = async (
    client: RegistryClient,
    repository: string,
    digest: string,
  ) =>
    (await client.listReferrers(repository, digest)).map(each => each.digest);

  it.each([
    ['API to API', withApi, withApi],
    ['API to tag schema', withApi, withoutApi],
    ['tag schema to API', withoutApi, withApi],
    ['tag schema to tag schema', withoutApi, withoutApi],
  ])('travel from %s', async (_name, from, to) => {
    const source = await start(from);
    const target = await start(to);
    const pushed = await pushSigned(source.client);

    const result = await copyImage({
      source: { client: source.client, repository: 'src', reference: '1' },
      target: { client: target.client, repository: 'dst', tag: '1' },
      referrers: true,
    });

    expect(result).toMatchObject({
      digest: pushed.index.digest,
      referrersCopied: 4,
      notes: [],
    });
    const listed = await target.client.listReferrers(
      'dst',
      pushed.index.digest,
    );
    expect(listed).toEqual([
      {
        mediaType: MediaTypes.ociManifest,
        digest: pushed.signature.digest,
        size: pushed.signature.size,
        artifactType: 'application/vnd.example.signature',
        annotations: { says: 'signed index' },
      },
    ]);
    expect(
      await digestsOf(target.client, 'dst', pushed.children[0].digest),
    ).toEqual([pushed.sbom.digest]);
    expect(
      await digestsOf(target.client, 'dst', pushed.signature.digest),
    ).toEqual([pushed.countersign.digest]);
    const [was, is] = await Promise.all(
      [
        { client: source.client, repository: 'src' },
        { client: target.client, repository: 'dst' },
      ].map(({ client, repository }) =>
        client.getManifest(
          repository,
          `${pushed.index.digest.replace(':', '-')}.sig`,
        ),
      ),
    );
    expect(is.bytes.equals(was.bytes)).toBe(true);
    // nothing is published before what belongs to it
    const puts = target.registry.requests.filter(
      ({ method, path }) => method === 'PUT' && path.includes('/manifests/'),
    );
    expect(puts.at(-1)?.path).toBe('/v2/dst/manifests/1');
  });

  it('that come after their image are brought later, and once', async () => {
    const source = await start(withoutApi);
    const target = await start(withoutApi);
    const push = new Pusher(source.client, 'src');
    const image = await push.manifest(
      { config: await push.config('amd64'), layers: [await push.blob('x')] },
      '1',
    );
    const at = { client: source.client, repository: 'src' };
    await copyImage({
      source: { ...at, reference: '1' },
      target: { client: target.client, repository: 'dst', tag: '1' },
      referrers: true,
    });
    const first = await push.referrer(image, 'first');
    const second = await push.referrer(image, 'second');
    const bring = () =>
      copyReferrers({
        source: { ...at, reference: image.digest },
        target: { client: target.client, repository: 'dst' },
      });

    expect((await bring()).copied).toBe(2);
    expect(await digestsOf(target.client, 'dst', image.digest)).toEqual([
      first.digest,
      second.digest,
    ]);
    source.registry.clearRequests();
    expect(await bring()).toEqual({
      copied: 0,
      bytesMoved: 0,
      contents: [],
    });
    // the image itself is not asked of upstream, whose pulls are counted
    expect(
      source.registry.requests.filter(({ path }) =>
        path.endsWith(`/manifests/${image.digest}`),
      ),
    ).toEqual([]);
  });

  it('of one subject that are pushed at once are all listed', async () => {
    const { client } = await start(withoutApi);
    const push = new Pusher(client, 'src');
    const image = await push.image('amd64');
    const pushed = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        push.referrer(image, `number ${index}`),
      ),
    );
    expect((await digestsOf(client, 'src', image.digest)).sort()).toEqual(
      pushed.map(({ digest }) => digest).sort(),
    );
  });

  it('survive another client that overwrites their index', async () => {
    const { client, registry } = await start(withoutApi);
    const push = new Pusher(client, 'src');
    const image = await push.image('amd64');
    const before = await push.referrer(image, 'before');
    const tag = referrersTag(image.digest);
    const old = await client.getManifest('src', tag);
    const other = RegistryClient.create({
      host: registry.host,
      insecure: true,
    });
    closers.push(() => other.close());
    // it read before us, and writes between our write and our second look
    const get = registry.storage.getTag.bind(registry.storage);
    let reads = 0;
    jest
      .spyOn(registry.storage, 'getTag')
      .mockImplementation(async (repository, reference) => {
        reads += reference === tag ? 1 : 0;
        if (reference === tag && reads === 2) {
          await other.putManifest('src', tag, old.bytes, MediaTypes.ociIndex);
        }
        return get(repository, reference);
      });
    const after = await push.referrer(image, 'after');
    expect(reads).toBeGreaterThan(2);
    expect(await digestsOf(client, 'src', image.digest)).toEqual([
      before.digest,
      after.digest,
    ]);
  });

  it('are filtered by type where the registry does not', async () => {
    const { client } = await start(withoutApi);
    const push = new Pusher(client, 'src');
    const image = await push.image('amd64');
    await push.referrer(image, 'a');
    const sbom = await push.referrer(image, 'b', 'application/sbom');
    const found = await client.listReferrers('src', image.digest, {
      artifactType: 'application/sbom',
    });
    expect(found.map(({ digest }) => digest)).toEqual([sbom.digest]);
  });

  it('that go in a circle are walked once', async () => {
    const source = await start(withoutApi);
    const target = await start(withoutApi);
    const push = new Pusher(source.client, 'src');
    const image = await push.manifest(
      { config: await push.config('amd64'), layers: [] },
      '1',
    );
    const one = await push.referrer(image, 'one');
    // a list by tag may say anything, even that an image refers to itself
    await push.manifest(
      { manifests: [one, image] },
      referrersTag(one.digest),
      MediaTypes.ociIndex,
    );
    const result = await copyImage({
      source: { client: source.client, repository: 'src', reference: '1' },
      target: { client: target.client, repository: 'dst', tag: '1' },
      referrers: true,
    });
    expect(result.digest).toBe(image.digest);
    expect(await digestsOf(target.client, 'dst', image.digest)).toEqual([
      one.digest,
    ]);
  });
});
