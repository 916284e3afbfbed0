import { TestRegistry } from '@imglife/test-registry';
import { RegistryClient } from '../RegistryClient';
import { Pusher } from '../testing/Pusher';
import { pushReferrer } from './pushReferrer';
import { referrersTag } from './referrersTag';

describe.each([
  ['with the referrers API', {}],
  ['with the tag schema', { referrers: false, ociSubject: false }],
])('pushReferrer %s', (_, capabilities) => {
  let registry: TestRegistry;
  let client: RegistryClient;

  beforeEach(async () => {
    registry = await TestRegistry.start({ capabilities });
    client = RegistryClient.create({ host: registry.host, insecure: true });
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
  });

  it('pushes an artifact once, by digest, listed by its subject', async () => {
    const repository = 'bases/alpine';
    const subject = await new Pusher(client, repository).image('amd64');
    const target = { client, repository, subject };
    const sbom = {
      artifactType: 'application/spdx+json',
      content: Buffer.from('{"spdxVersion":"SPDX-2.3"}'),
      annotations: { about: 'the image' },
    };
    const { descriptor, pushed } = await pushReferrer(target, sbom);
    expect(pushed).toBe(true);

    const listed = await client.listReferrers(repository, subject.digest);
    expect(listed).toEqual([
      {
        ...descriptor,
        artifactType: sbom.artifactType,
        annotations: sbom.annotations,
      },
    ]);
    const { manifest } = await client.getManifest(
      repository,
      descriptor.digest,
    );
    expect(manifest).toMatchObject({
      artifactType: sbom.artifactType,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', size: 2 },
      layers: [{ mediaType: sbom.artifactType }],
    });
    // without the platform that an index would give it
    expect(manifest.subject).toEqual({
      mediaType: subject.mediaType,
      digest: subject.digest,
      size: subject.size,
    });
    const [layer] = 'layers' in manifest ? manifest.layers : [];
    expect(await client.readBlob(repository, layer)).toEqual(sbom.content);
    const tags =
      'referrers' in capabilities ? [referrersTag(subject.digest)] : [];
    expect(await client.listTags(repository)).toEqual(tags);

    registry.clearRequests();
    expect(await pushReferrer(target, sbom)).toEqual({
      descriptor,
      pushed: false,
    });
    expect(
      registry.requests.filter(
        ({ method }) => method !== 'GET' && method !== 'HEAD',
      ),
    ).toEqual([]);
    const other = { ...sbom, content: Buffer.from('{}') };
    expect((await pushReferrer(target, other)).pushed).toBe(true);
    expect(await client.listReferrers(repository, subject.digest)).toHaveLength(
      2,
    );
  });
});
