import { digestOf } from './digest';
import {
  ABSENT,
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

  it('keeps manifests byte for byte, by tag and digest', async () => {
    await ask('POST', `/v2/a/b/blobs/uploads/?digest=${DIGEST}`, {
      body: CONTENT,
    });
    const body = ` ${manifestOf(DIGEST)}\n`;
    const digest = digestOf(body);
    const put = await putManifest('1.0', body);
    expect(put.status).toBe(201);
    expect(put.headers.get('location')).toBe(`/v2/a/b/manifests/${digest}`);
    for (const reference of ['1.0', digest]) {
      const path = `/v2/a/b/manifests/${reference}`;
      const got = await ask('GET', path);
      expect(got).toMatchObject({ status: 200, text: body });
      expect(got.headers.get('content-type')).toBe(MANIFEST);
      const head = await ask('HEAD', path);
      expect(head.headers.get('docker-content-digest')).toBe(digest);
      expect(head.headers.get('content-length')).toBe(String(body.length));
    }
    await putManifest('also', body);
    expect((await ask('DELETE', '/v2/a/b/manifests/also')).status).toBe(202);
    expect((await ask('HEAD', `/v2/a/b/manifests/1.0`)).status).toBe(200);
    const gone = await ask('DELETE', `/v2/a/b/manifests/${digest}`);
    expect(gone.status).toBe(202);
    expect(await ask('GET', '/v2/a/b/manifests/1.0')).toMatchObject({
      status: 404,
      code: 'MANIFEST_UNKNOWN',
    });
    expect(JSON.parse((await ask('GET', '/v2/a/b/tags/list')).text)).toEqual({
      name: 'a/b',
      tags: [],
    });
  });
});

describe('manifest checks', () => {
  const descriptor = { mediaType: MANIFEST, digest: ABSENT, size: 1 };
  const index = (manifests: unknown) =>
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });

  it.each([
    ['no JSON', '{', MANIFEST, 400, 'MANIFEST_INVALID'],
    ['a list', '[]', MANIFEST, 400, 'MANIFEST_INVALID'],
    ['no layers', '{"schemaVersion":2}', MANIFEST, 400, 'MANIFEST_INVALID'],
    ['another type', manifestOf(ABSENT), INDEX, 400, 'MANIFEST_INVALID'],
    ['a bad digest', manifestOf('sha256:0'), MANIFEST, 400, 'MANIFEST_INVALID'],
    ['an unknown type', '{"schemaVersion":2}', 'a/b', 400, 'MANIFEST_INVALID'],
    ['a bad child', index([{}]), INDEX, 400, 'MANIFEST_INVALID'],
    ['no config', manifestOf(ABSENT), MANIFEST, 400, 'MANIFEST_BLOB_UNKNOWN'],
    ['no child', index([descriptor]), INDEX, 400, 'MANIFEST_BLOB_UNKNOWN'],
    ['5 MiB', ' '.repeat(5 << 20), MANIFEST, 413, 'SIZE_INVALID'],
  ])('refuse %s', async (_, body, type, status, code) => {
    await start();
    expect(await putManifest('1.0', body, type)).toMatchObject({
      status,
      code,
    });
    expect((await ask('GET', '/v2/a/b/tags/list')).status).toBe(404);
  });

  it('refuse another digest and a bad tag', async () => {
    await start({ checkManifests: false });
    const body = manifestOf(ABSENT);
    expect(await putManifest(ABSENT, body)).toMatchObject({
      status: 400,
      code: 'DIGEST_INVALID',
    });
    expect((await putManifest('.hidden', body)).status).toBe(400);
    expect((await putManifest('a'.repeat(129), body)).status).toBe(400);
  });

  it('let a layer with urls be absent', async () => {
    await start();
    await ask('POST', `/v2/a/b/blobs/uploads/?digest=${DIGEST}`, {
      body: CONTENT,
    });
    const foreign = { ...descriptor, urls: ['https://example.com/layer'] };
    const body = manifestOf(DIGEST, { layers: [foreign] });
    expect((await putManifest('1.0', body)).status).toBe(201);
  });

  it('can be switched off', async () => {
    await start({ checkManifests: false });
    expect((await putManifest('1', manifestOf(ABSENT))).status).toBe(201);
    expect((await putManifest('2', index([descriptor]), INDEX)).status).toBe(
      201,
    );
  });
});
