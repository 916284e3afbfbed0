import { TestRegistry } from '@imglife/test-registry';
import { digestOf } from '../digest';
import type { Descriptor, ImageIndex } from '../manifests';
import { MediaTypes } from '../mediaTypes';
import { RegistryClient } from '../RegistryClient';
import { Pusher } from '../testing/Pusher';
import { copyImage } from './copyImage';
import { planCopy } from './planCopy';

describe('platforms of a copy', () => {
  let registry: TestRegistry;
  let client: RegistryClient;
  let push: Pusher;
  let children: Record<string, Descriptor>;

  beforeEach(async () => {
    registry = await TestRegistry.start();
    client = RegistryClient.create({ host: registry.host, insecure: true });
    push = new Pusher(client, 'src');
    const statement = async (of: Descriptor): Promise<Descriptor> => ({
      ...(await push.manifest({
        config: await push.config('unknown'),
        layers: [await push.blob(`about ${of.digest}`)],
      })),
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': of.digest,
      },
    });
    const amd64 = await push.image('amd64');
    const arm64 = {
      ...(await push.image('arm64')),
      platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
      'x-custom': { kept: true },
    };
    const arm = {
      ...(await push.image('arm')),
      platform: { os: 'linux', architecture: 'arm' },
    };
    children = {
      amd64,
      arm64,
      arm,
      aboutAmd64: await statement(amd64),
      aboutArm64: await statement(arm64),
    };
    await push.index(Object.values(children), '1', {
      annotations: { a: 'b' },
      'x-field': [1],
    });
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
  });

  const source = (reference = '1') => ({
    client,
    repository: 'src',
    reference,
  });
  const copy = (platforms: string[], reference?: string) =>
    copyImage({
      source: source(reference),
      target: { client, repository: 'dst', tag: '1' },
      platforms,
      referrers: true,
    });

  it.each<[string[], string[], string[]]>([
    [['linux/amd64'], ['amd64', 'aboutAmd64'], ['linux/amd64']],
    [
      ['linux/arm64/v8', 'linux/arm/v7'],
      ['arm64', 'arm', 'aboutArm64'],
      ['linux/arm64', 'linux/arm/v7'],
    ],
    [['linux/x86_64'], ['amd64', 'aboutAmd64'], ['linux/amd64']],
  ])('%j are %j', async (wanted, kept, platforms) => {
    const upstream = await client.getManifest('src', '1');
    const plan = await planCopy({
      source: source(),
      target: { client, repository: 'dst', tag: '1' },
      platforms: wanted,
    });
    expect(
      registry.requests.some(({ path }) => path.includes('/dst/manifests')),
    ).toBe(false);

    const result = await copy(wanted);

    expect(result).toMatchObject({
      rewritten: true,
      upstreamDigest: upstream.descriptor.digest,
      digest: plan.digest,
      platforms,
      notes: [expect.stringContaining('signatures of the whole index stay')],
    });
    expect(plan).toMatchObject({ rewritten: true, platforms });
    const published = await client.getManifest('dst', '1');
    expect(published.descriptor.digest).toBe(result.digest);
    expect(digestOf(published.bytes)).toBe(result.digest);
    const original = JSON.parse(upstream.bytes.toString());
    expect(JSON.parse(published.bytes.toString())).toEqual({
      ...original,
      manifests: original.manifests.filter((entry: Descriptor) =>
        kept.some(name => children[name].digest === entry.digest),
      ),
    });
    for (const entry of (published.manifest as ImageIndex).manifests) {
      expect(await client.headManifest('dst', entry.digest)).toBeDefined();
    }
    const again = await copy(wanted);
    expect(again.digest).toBe(result.digest);
  });

  it('keeps the very bytes when none is left out', async () => {
    const result = await copy(['linux/arm/v7', 'linux/arm64', 'linux/amd64']);
    expect(result).toMatchObject({ rewritten: false, notes: [] });
    expect(result.digest).toBe(result.upstreamDigest);
  });

  it('notes what upstream lacks, and fails when it lacks all', async () => {
    const result = await copy(['linux/amd64', 'linux/s390x']);
    expect(result.notes).toContain('upstream has no linux/s390x');
    await expect(copy(['linux/s390x', 'windows/amd64'])).rejects.toThrow(
      /src:1: it has none of the wanted platforms linux\/s390x, windows\/amd64; it has linux\/amd64, linux\/arm64, linux\/arm\/v7/,
    );
  });

  it('takes or refuses a single image by its config', async () => {
    const config = await push.config('arm64');
    const single = await push.manifest(
      { config, layers: [await push.blob('x')] },
      'single',
    );
    const result = await copy(['linux/arm64'], 'single');
    expect(result).toMatchObject({ digest: single.digest, rewritten: false });
    await expect(copy(['linux/amd64'], 'single')).rejects.toThrow(
      /none of the wanted platforms linux\/amd64; it has linux\/arm64/,
    );
  });

  it('refuses to choose of an artifact, which has no platforms', async () => {
    const config = await push.blob('{}', MediaTypes.ociEmpty);
    await push.manifest(
      { config, layers: [await push.blob('chart')] },
      'chart',
    );
    await expect(copy(['linux/amd64'], 'chart')).rejects.toThrow(
      'it has no platforms to choose from',
    );
  });

  it('chooses within nested indexes, and keeps what has no platform', async () => {
    const inner = await push.index([children.amd64, children.arm64]);
    const other = await push.index([children.arm]);
    const artifact = await push.manifest({
      config: await push.blob('{}', MediaTypes.ociEmpty),
      layers: [await push.blob('artifact')],
    });
    await push.index([inner, other, artifact], 'nested');
    const result = await copy(['linux/amd64'], 'nested');
    const { manifest } = await client.getManifest('dst', '1');
    const [rewritten, kept, ...rest] = (manifest as ImageIndex).manifests;
    expect(rest).toEqual([]);
    expect(kept.digest).toBe(artifact.digest);
    const child = await client.getManifest('dst', rewritten.digest);
    expect((child.manifest as ImageIndex).manifests).toEqual([
      expect.objectContaining({ digest: children.amd64.digest }),
    ]);
    expect(result.platforms).toEqual(['linux/amd64']);
  });
});
