import { digestOf } from './digest';
import { pushImage } from './pushImage';
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
const { ask, start, openUpload, putManifest } = harness;

afterEach(() => harness.stop());

const pushBlob = (repository = 'a/b') =>
  ask('POST', `/v2/${repository}/blobs/uploads/?digest=${DIGEST}`, {
    body: CONTENT,
  });

it('does without the referrers API, OCI-Subject and deletes by tag', async () => {
  await start({
    checkManifests: false,
    capabilities: { referrers: false, ociSubject: false, deleteTags: false },
  });
  const subject = { mediaType: MANIFEST, digest: ABSENT, size: 1 };
  const put = await putManifest('1', manifestOf(ABSENT, { subject }));
  expect([put.status, put.headers.get('oci-subject')]).toEqual([201, null]);
  const listed = await ask('GET', `/v2/a/b/referrers/${ABSENT}`);
  expect(listed.status).toBe(404);
  expect(await ask('DELETE', '/v2/a/b/manifests/1')).toMatchObject({
    status: 400,
    code: 'UNSUPPORTED',
  });
  harness.registry.capabilities.referrers = true;
  const again = await ask('GET', `/v2/a/b/referrers/${ABSENT}`);
  expect(JSON.parse(again.text).manifests).toHaveLength(1);
});

it('deletes nothing where it is told so', async () => {
  await start({ checkManifests: false, capabilities: { deletes: false } });
  await putManifest('1', manifestOf(ABSENT));
  for (const reference of ['1', digestOf(manifestOf(ABSENT))]) {
    expect(await ask('DELETE', `/v2/a/b/manifests/${reference}`)).toMatchObject(
      { status: 405, code: 'UNSUPPORTED' },
    );
  }
  expect((await ask('GET', '/v2/a/b/manifests/1')).status).toBe(200);
});

it.each([
  ['absolute', ['1', '2'], '/v2/a/b/tags/list?n=2&last=2'],
  ['none', ['1', '2', '3'], null],
] as const)('pages with %s links', async (links, tags, next) => {
  await start({ checkManifests: false, capabilities: { links } });
  for (const tag of ['1', '2', '3']) {
    await putManifest(tag, manifestOf(ABSENT));
  }
  const page = await ask('GET', '/v2/a/b/tags/list?n=2');
  expect(JSON.parse(page.text).tags).toEqual(tags);
  expect(page.headers.get('link')).toBe(
    next && `<${harness.registry.url}${next}>; rel="next"`,
  );
});

it('takes chunks as long as it says, with the status it likes', async () => {
  await start({ capabilities: { chunkMinLength: 4, chunkStatus: 201 } });
  const opened = await ask('POST', '/v2/a/b/blobs/uploads/');
  expect(opened.headers.get('oci-chunk-min-length')).toBe('4');
  const location = opened.headers.get('location')!;
  const patch = (body: string, range: string) =>
    ask('PATCH', location, { body, headers: { 'content-range': range } });
  expect(await patch('01', '0-1')).toMatchObject({ code: 'SIZE_INVALID' });
  expect(await patch('0123', '0-3')).toMatchObject({ status: 201 });
  expect(await patch('5678', '5-8')).toMatchObject({ status: 416 });
  expect(await harness.registry.openUploads()).toEqual([
    { repository: 'a/b', id: expect.any(String), size: 4 },
  ]);
  harness.registry.capabilities.checkChunks = false;
  expect(await patch('4567', '9-12')).toMatchObject({ status: 201 });
  const done = await ask('PUT', `${location}&digest=${DIGEST}`, {
    body: '89',
    headers: { 'content-range': '8-9' },
  });
  expect(done.status).toBe(201);
});

it('refuses large bodies, mounts and new repositories', async () => {
  await start({ checkManifests: false, capabilities: { maxBody: 9 } });
  expect(await pushBlob()).toMatchObject({ status: 413 });
  const location = await openUpload();
  await ask('PATCH', location, { body: '01234' });
  const done = `${location}&digest=${DIGEST}`;
  expect((await ask('PUT', done, { body: '56789' })).status).toBe(201);
  const { capabilities } = harness.registry;
  capabilities.mounts = false;
  const mount = `/v2/a/c/blobs/uploads/?mount=${DIGEST}&from=a/b`;
  expect((await ask('POST', mount)).status).toBe(202);
  capabilities.createRepositories = false;
  expect(await ask('POST', mount)).toMatchObject({
    status: 404,
    code: 'NAME_UNKNOWN',
  });
  expect(await putManifest('1', manifestOf(ABSENT))).toMatchObject({
    status: 404,
  });
});

it('redirects blobs to an origin that wants no Authorization', async () => {
  await start({
    auth: { username: 'ci', password: 'secret' },
    capabilities: { redirectBlobs: true },
  });
  const authorization = `Basic ${btoa('ci:secret')}`;
  await pushImage(harness.registry.host, {
    repository: 'a/b',
    tag: '1',
    platforms: ['linux/amd64'],
    authorization,
  });
  const { text } = await ask('GET', '/v2/a/b/manifests/1', {
    headers: { authorization, accept: MANIFEST },
  });
  const { digest } = JSON.parse(text).config;
  const { origin, pathname, search } = new URL(
    (
      await fetch(`${harness.registry.url}/v2/a/b/blobs/${digest}`, {
        headers: { authorization },
        redirect: 'manual',
      })
    ).headers.get('location')!,
  );
  expect(origin).toBe(harness.registry.blobOrigin.url);
  const url = `${origin}${pathname}${search}`;
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect(digestOf(bytes)).toBe(digest);
  const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
  expect(part.status).toBe(206);
  expect(await part.text()).toBe(bytes.subarray(2, 5).toString());
  expect((await fetch(url, { headers: { authorization } })).status).toBe(400);
  const { requests } = harness.registry.blobOrigin;
  expect(requests.map(({ headers }) => headers.authorization)).toEqual([
    undefined,
    undefined,
    authorization,
  ]);
});

it('refuses a sparse index apart from absent blobs', async () => {
  await start({ capabilities: { checkBlobs: false } });
  const descriptor = { mediaType: MANIFEST, digest: ABSENT, size: 1 };
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [descriptor],
  });
  expect((await putManifest('1', manifestOf(ABSENT))).status).toBe(201);
  expect(await putManifest('2', index, INDEX)).toMatchObject({
    status: 400,
    code: 'MANIFEST_BLOB_UNKNOWN',
  });
});

it.each([
  ['moves', 201],
  ['puts', 400],
] as const)('has immutable tags: %s', async (immutableTags, again) => {
  await start({ checkManifests: false, capabilities: { immutableTags } });
  const body = manifestOf(ABSENT);
  expect((await putManifest('1', body)).status).toBe(201);
  expect((await putManifest('1', body)).status).toBe(again);
  const moved = await putManifest('1', `${body} `);
  expect(moved).toMatchObject({ status: 400, code: 'TAG_INVALID' });
  expect((await putManifest(digestOf(body), body)).status).toBe(201);
});

it('counts GETs of manifests against a quota, and warns', async () => {
  let now = new Date('2026-11-23T10:00:00Z');
  await start({
    checkManifests: false,
    now: () => now,
    capabilities: {
      pullQuota: { limit: 2, seconds: 60 },
      warnings: ['old', 'slow'],
    },
  });
  await putManifest('1', manifestOf(ABSENT));
  const left = [];
  for (const method of ['HEAD', 'GET', 'GET', 'HEAD', 'GET']) {
    const { status, headers } = await ask(method, '/v2/a/b/manifests/1');
    left.push([status, headers.get('ratelimit-remaining')]);
    expect(headers.get('warning')).toBe('299 - "old", 299 - "slow"');
  }
  expect(left).toEqual([
    [200, '2;w=60'],
    [200, '1;w=60'],
    [200, '0;w=60'],
    [200, '0;w=60'],
    [429, '0;w=60'],
  ]);
  now = new Date(now.getTime() + 60_000);
  expect((await ask('GET', '/v2/a/b/manifests/1')).status).toBe(200);
  expect(harness.registry.counts()).toEqual({
    'manifest-put': 1,
    'manifest-head': 2,
    'manifest-get': 4,
  });
});

it('counts requests by what they are for', async () => {
  await start();
  const location = await openUpload();
  for (const [method, path] of [
    ['GET', '/v2/'],
    ['GET', location],
    ['PATCH', location],
    ['DELETE', location],
    ['PUT', `/v2/a/blobs/uploads/none?digest=${DIGEST}`],
    ['POST', `/v2/a/blobs/uploads/?mount=${DIGEST}&from=b`],
    ['GET', '/v2/a/tags/list?n=1'],
    ['GET', `/v2/a/referrers/${DIGEST}`],
    ['HEAD', `/v2/a/blobs/${DIGEST}`],
    ['GET', `/v2/a/blobs/${DIGEST}`],
    ['DELETE', '/v2/a/manifests/1'],
    ['GET', '/token'],
    ['GET', '/else'],
  ]) {
    await ask(method, path);
  }
  expect(harness.registry.counts()).toEqual({
    'upload-start': 1,
    ping: 1,
    'upload-status': 1,
    'upload-chunk': 1,
    'upload-cancel': 1,
    'upload-finish': 1,
    mount: 1,
    tags: 1,
    referrers: 1,
    'blob-head': 1,
    'blob-get': 1,
    'manifest-delete': 1,
    token: 1,
    other: 1,
  });
});

it('gives out refresh tokens, and short tokens that can be made to expire', async () => {
  let now = new Date('2026-11-23T10:00:00Z');
  await start({
    auth: { username: 'ci', password: 'secret' },
    tokenAuth: true,
    tokenLifetime: 1_500,
    now: () => now,
  });
  const first = await ask('GET', '/token?service=x&offline_token=true', {
    headers: { authorization: `Basic ${btoa('ci:secret')}` },
  });
  const { refresh_token: refresh, expires_in: seconds } = JSON.parse(
    first.text,
  );
  expect(seconds).toBe(2);
  const exchange = (body: string) =>
    ask('POST', '/token', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
  const renewed = await exchange(
    `grant_type=refresh_token&service=x&refresh_token=${refresh}&scope=repository:a/b:pull`,
  );
  const authorization = `Bearer ${JSON.parse(renewed.text).access_token}`;
  const ping = async () =>
    (await ask('GET', '/v2/', { headers: { authorization } })).status;
  expect(await ping()).toBe(200);
  harness.registry.expireTokens();
  expect(await ping()).toBe(401);
  const password = 'grant_type=password&username=ci&password';
  expect((await exchange(`${password}=wrong`)).status).toBe(401);
  const other = JSON.parse((await exchange(`${password}=secret`)).text);
  const again = () =>
    ask('GET', '/v2/', { headers: { authorization: `Bearer ${other.token}` } });
  expect((await again()).status).toBe(200);
  now = new Date(now.getTime() + 1_500);
  expect((await again()).status).toBe(401);
});
