import { digestOf } from './digest';
import { pushImage } from './pushImage';
import {
  ABSENT,
  Answer,
  CONTENT,
  DIGEST,
  INDEX,
  MANIFEST,
  manifestOf,
  RegistryHarness,
} from './RegistryHarness';

const harness = RegistryHarness.create();
const { ask, start, putManifest } = harness;

afterEach(() => harness.stop());

describe.each(['memory', 'directory'] as const)('storage %s', kind => {
  beforeEach(() => harness.startOn(kind));

  it('lists repositories that have had a manifest', async () => {
    await pushImage(harness.registry.host, {
      repository: 'team/x/y',
      tag: '1',
      platforms: ['linux/amd64'],
    });
    await pushImage(harness.registry.host, {
      repository: 'team/x',
      tag: '1',
      platforms: ['linux/amd64'],
    });
    await ask('POST', `/v2/only-blobs/blobs/uploads/?digest=${DIGEST}`, {
      body: CONTENT,
    });
    expect(JSON.parse((await ask('GET', '/v2/_catalog')).text)).toEqual({
      repositories: ['team/x', 'team/x/y'],
    });
    for (const name of ['nothing', 'only-blobs', 'team']) {
      expect(await ask('GET', `/v2/${name}/tags/list`)).toMatchObject({
        status: 404,
        code: 'NAME_UNKNOWN',
      });
    }
  });

  it('lists referrers, also of a subject that is not there', async () => {
    await ask('POST', `/v2/a/b/blobs/uploads/?digest=${DIGEST}`, {
      body: CONTENT,
    });
    const subject = { mediaType: MANIFEST, digest: ABSENT, size: 1 };
    const sbom = manifestOf(DIGEST, {
      subject,
      artifactType: 'application/sbom',
      annotations: { made: 'today' },
    });
    const put = await putManifest(digestOf(sbom), sbom);
    expect(put.headers.get('oci-subject')).toBe(ABSENT);
    const typed = manifestOf(DIGEST, { subject });
    await putManifest('signature', typed);
    const path = `/v2/a/b/referrers/${ABSENT}`;
    const all = await ask('GET', path);
    expect(all.headers.get('content-type')).toBe(INDEX);
    expect(all.headers.get('oci-filters-applied')).toBeNull();
    const expected = [
      {
        mediaType: MANIFEST,
        digest: digestOf(sbom),
        size: sbom.length,
        artifactType: 'application/sbom',
        annotations: { made: 'today' },
      },
      {
        mediaType: MANIFEST,
        digest: digestOf(typed),
        size: typed.length,
        artifactType: 'application/x-config',
      },
    ];
    expect(JSON.parse(all.text)).toEqual({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: expect.arrayContaining(expected),
    });
    const some = await ask('GET', `${path}?artifactType=application/sbom`);
    expect(some.headers.get('oci-filters-applied')).toBe('artifactType');
    expect(JSON.parse(some.text).manifests).toEqual([expected[0]]);
    await ask('DELETE', `/v2/a/b/manifests/${digestOf(sbom)}`);
    await ask('DELETE', `/v2/a/b/manifests/${digestOf(typed)}`);
    expect(JSON.parse((await ask('GET', path)).text).manifests).toEqual([]);
  });
});

it('pages tags in lexical order', async () => {
  await start({ checkManifests: false, pageSize: 3 });
  for (const tag of ['b', '1.10', 'a', 'B', '1.9', '_x', '1.2']) {
    await putManifest(tag, manifestOf(ABSENT));
  }
  const pages = [];
  let path: string | undefined = '/v2/a/b/tags/list?n=100';
  while (path) {
    const page: Answer = await ask('GET', path);
    pages.push(JSON.parse(page.text).tags);
    path = /<(.+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
  }
  expect(pages).toEqual([['1.10', '1.2', '1.9'], ['_x', 'a', 'B'], ['b']]);
  const part = await ask('GET', '/v2/a/b/tags/list?n=2&last=1.3');
  expect(JSON.parse(part.text).tags).toEqual(['1.9', '_x']);
  const none = await ask('GET', '/v2/a/b/tags/list?n=0');
  expect(JSON.parse(none.text).tags).toEqual([]);
  expect(none.headers.get('link')).toBeNull();
  expect((await ask('GET', '/v2/a/b/tags/list?n=all')).status).toBe(400);
});
