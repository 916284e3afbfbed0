import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from './digest';
import { makeImage } from './makeImage';
import { pushImage } from './pushImage';
import { RegistryHttp } from './RegistryHttp';
import { TestRegistry, TestRegistryOptions } from './TestRegistry';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONTENT = Buffer.from('0123456789');
const DIGEST = digestOf(CONTENT);
const ABSENT = digestOf('absent');

let directory: string;
let registry: TestRegistry;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imglife-registry-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

afterEach(async () => {
  await registry.stop();
});

async function start(options: TestRegistryOptions = {}) {
  registry = await TestRegistry.start(options);
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  code?: string;
}

async function ask(
  method: string,
  path: string,
  more: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  const response = await fetch(new URL(path, registry.url), {
    method,
    headers: more.headers,
    body: more.body && new Uint8Array(Buffer.from(more.body)),
  });
  const text = await response.text();
  const { status, headers } = response;
  const code = /^\{"errors":/.test(text)
    ? JSON.parse(text).errors[0].code
    : undefined;
  return { status, headers, text, code };
}

async function openUpload(repository = 'a/b'): Promise<string> {
  const { status, headers } = await ask(
    'POST',
    `/v2/${repository}/blobs/uploads/`,
  );
  expect(status).toBe(202);
  return headers.get('location')!;
}

/** A request as it is written: fetch would tidy the path. */
function statusOfRaw(path: string): Promise<number | undefined> {
  const [hostname, port] = registry.host.split(':');
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path }, response => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

function manifestOf(config: string, more: object = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: 'application/x-config', digest: config, size: 10 },
    layers: [],
    ...more,
  });
}

function putManifest(reference: string, body: string, type = MANIFEST) {
  return ask('PUT', `/v2/a/b/manifests/${reference}`, {
    headers: { 'content-type': type },
    body,
  });
}

describe.each(['memory', 'directory'] as const)('storage %s', kind => {
  beforeEach(async () => {
    const home = await mkdtemp(join(directory, 'storage-'));
    await start({
      storage: kind === 'memory' ? kind : { directory: home },
    });
  });

  it('answers the ping', async () => {
    expect(await ask('GET', '/v2/')).toMatchObject({ status: 200 });
    expect((await ask('GET', '/v1/')).status).toBe(404);
  });

  it.each([
    ['one POST', [['POST', `?digest=${DIGEST}`, '0123456789']]],
    ['POST and PUT', [['PUT', `&digest=${DIGEST}`, '0123456789']]],
    [
      'chunks',
      [
        ['PATCH', '', '0123', '0-3'],
        ['PATCH', '', '4567', '4-7'],
        ['PUT', `&digest=${DIGEST}`, '89', '8-9'],
      ],
    ],
    [
      'a stream and an empty PUT, by sha512',
      [
        ['PATCH', '', '0123456789'],
        ['PUT', `&digest=${digestOf(CONTENT, 'sha512')}`, ''],
      ],
    ],
  ])('takes a blob by %s', async (_, steps) => {
    let location =
      steps[0][0] === 'POST' ? '/v2/a/b/blobs/uploads/' : await openUpload();
    let last: Answer | undefined;
    for (const [method, query, body, range] of steps) {
      last = await ask(method, location + query, {
        body,
        headers: range ? { 'content-range': range } : {},
      });
      location = last.headers.get('location')!;
    }
    expect(last).toMatchObject({ status: 201 });
    const digest = steps.at(-1)![1].replace(/.*digest=/, '');
    expect(location).toBe(`/v2/a/b/blobs/${digest}`);
    const read = await ask('GET', location);
    expect(read).toMatchObject({ status: 200, text: '0123456789' });
    expect(read.headers.get('docker-content-digest')).toBe(digest);
    const head = await ask('HEAD', location);
    expect(head.headers.get('content-length')).toBe('10');
  });

  it('goes on with an upload after a chunk that does not fit', async () => {
    const location = await openUpload();
    await ask('PATCH', location, { body: '0123' });
    const status = await ask('GET', location);
    expect(status.status).toBe(204);
    expect(status.headers.get('range')).toBe('0-3');
    for (const [range, expected] of [
      ['5-6', 416],
      ['0-1', 416],
      ['four', 416],
      ['4-8', 400],
    ] as const) {
      const refused = await ask('PATCH', location, {
        body: '45',
        headers: { 'content-range': range },
      });
      expect([range, refused.status]).toEqual([range, expected]);
    }
    const done = await ask('PUT', `${location}&digest=${DIGEST}`, {
      body: '456789',
      headers: { 'content-range': '4-9' },
    });
    expect(done.status).toBe(201);
  });

  it('refuses and forgets an upload with another digest', async () => {
    const location = await openUpload();
    const wrong = await ask('PUT', `${location}&digest=${DIGEST}`, {
      body: 'something else',
    });
    expect(wrong).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
    expect(await ask('GET', location)).toMatchObject({
      status: 404,
      code: 'BLOB_UPLOAD_UNKNOWN',
    });
    expect((await ask('HEAD', `/v2/a/b/blobs/${DIGEST}`)).status).toBe(404);
  });

  it('cancels uploads, and wants the query of their location', async () => {
    const location = await openUpload();
    const bare = location.replace(/\?.*/, '');
    expect(await ask('PATCH', bare, { body: 'x' })).toMatchObject({
      status: 400,
      code: 'BLOB_UPLOAD_INVALID',
    });
    const elsewhere = location.replace('/a/b/', '/a/c/');
    expect((await ask('GET', elsewhere)).status).toBe(404);
    expect((await ask('DELETE', location)).status).toBe(204);
    expect((await ask('DELETE', location)).status).toBe(404);
  });

  it('keeps blobs to their repositories, mounts and deletes them', async () => {
    await ask('POST', `/v2/a/b/blobs/uploads/?digest=${DIGEST}`, {
      body: CONTENT,
    });
    const other = `/v2/c/blobs/${DIGEST}`;
    expect(await ask('GET', other)).toMatchObject({
      status: 404,
      code: 'BLOB_UNKNOWN',
    });
    const mount = `/v2/c/blobs/uploads/?mount=${DIGEST}&from=`;
    expect((await ask('POST', `${mount}nowhere`)).status).toBe(202);
    expect((await ask('POST', `${mount}a/b`)).status).toBe(201);
    expect((await ask('DELETE', `/v2/a/b/blobs/${DIGEST}`)).status).toBe(202);
    expect((await ask('DELETE', `/v2/a/b/blobs/${DIGEST}`)).status).toBe(404);
    expect((await ask('GET', other)).text).toBe('0123456789');
  });

  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=3-1', 200, '0123456789', null],
    ['bytes=0-1,4-5', 200, '0123456789', null],
  ])('serves range %s', async (range, status, text, contentRange) => {
    await ask('POST', `/v2/a/b/blobs/uploads/?digest=${DIGEST}`, {
      body: CONTENT,
    });
    const path = `/v2/a/b/blobs/${DIGEST}`;
    const answer = await ask('GET', path, { headers: { range } });
    expect(answer).toMatchObject({ status, text });
    expect(answer.headers.get('content-range')).toBe(contentRange);
  });

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

  it('lists repositories that have had a manifest', async () => {
    await pushImage(registry.host, {
      repository: 'team/x/y',
      tag: '1',
      platforms: ['linux/amd64'],
    });
    await pushImage(registry.host, {
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

it.each([
  ['/v2/A/tags/list', 400],
  ['/v2/a//b/tags/list', 400],
  ['/v2/../../etc/tags/list', 400],
  ['/v2/a/..%2f..%2fb/tags/list', 400],
  ['/v2/_tags/tags/list', 400],
  ['/v2/a/manifests/..%2f..%2fpasswd', 400],
  ['/v2/a/blobs/uploads/..%2f..%2fpasswd', 404],
  ['/v2/a/blobs/sha256:..%2f..', 400],
  ['/v2/a/referrers/nothing', 400],
])('keeps to its folder: %s', async (path, status) => {
  await start({ storage: { directory: join(directory, 'closed') } });
  expect(await statusOfRaw(path)).toBe(status);
});

it('refuses methods a path does not have', async () => {
  await start();
  for (const path of [
    '/v2/a/tags/list',
    '/v2/a/blobs/uploads/',
    `/v2/a/blobs/${DIGEST}`,
    '/v2/a/manifests/1',
    `/v2/a/referrers/${DIGEST}`,
  ]) {
    expect(await ask('OPTIONS', path)).toMatchObject({
      status: 405,
      code: 'UNSUPPORTED',
    });
  }
});

it('asks for basic credentials', async () => {
  await start({ auth: { username: 'ci', password: 'secret' } });
  const refused = await ask('GET', '/v2/');
  expect(refused).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
  expect(refused.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  const basic = (text: string) => ({
    headers: { authorization: `Basic ${btoa(text)}` },
  });
  expect((await ask('GET', '/v2/', basic('ci:secret'))).status).toBe(200);
  expect((await ask('GET', '/v2/', basic('ci:wrong'))).status).toBe(401);
});

it('gives out tokens bound to their scope and time', async () => {
  let now = new Date('2026-11-23T10:00:00Z');
  await start({
    auth: { username: 'ci', password: 'secret' },
    tokenAuth: true,
    checkManifests: false,
    now: () => now,
  });
  const refused = await ask('PUT', '/v2/a/b/manifests/1');
  expect(refused.headers.get('www-authenticate')).toBe(
    `Bearer realm="${registry.url}/token",service="imglife-test-registry",scope="repository:a/b:pull,push"`,
  );
  const scope = '/token?service=x&scope=repository:a/b:pull,push';
  expect((await ask('GET', scope)).status).toBe(401);
  const answer = await ask('GET', scope, {
    headers: { authorization: `Basic ${btoa('ci:secret')}` },
  });
  const authorization = `Bearer ${JSON.parse(answer.text).token}`;
  const put = (repository: string) =>
    ask('PUT', `/v2/${repository}/manifests/1`, {
      headers: { authorization, 'content-type': MANIFEST },
      body: manifestOf(ABSENT),
    });
  expect((await put('a/b')).status).toBe(201);
  const other = await put('a/c');
  expect(other.status).toBe(401);
  expect(other.headers.get('www-authenticate')).toContain(
    'error="insufficient_scope"',
  );
  const upload = await ask(
    'POST',
    `/v2/a/b/blobs/uploads/?mount=${DIGEST}&from=a/c`,
    {
      headers: { authorization },
    },
  );
  expect(upload.status).toBe(202);
  now = new Date('2026-11-23T10:05:01Z');
  expect((await put('a/b')).status).toBe(401);
});

it('keeps what it has in its directory over a restart', async () => {
  const home = join(directory, 'restart');
  await start({ storage: { directory: home } });
  const pushed = await pushImage(registry.host, {
    repository: 'apps/shop',
    tag: '1.0',
    platforms: ['linux/amd64', 'linux/arm64'],
  });
  const location = await openUpload('apps/shop');
  await ask('PATCH', location, { body: '0123' });
  await registry.stop();
  await start({ storage: { directory: home } });
  const http = RegistryHttp.create(registry.url);
  expect(await http.headManifest('apps/shop', '1.0')).toBe(pushed.digest);
  expect(await http.readBase('apps/shop', '1.0')).toHaveLength(2);
  const done = await ask('PUT', `${location}&digest=${DIGEST}`, {
    body: '456789',
  });
  expect(done.status).toBe(201);
});

it('records requests, delays, slows down and lets a test answer', async () => {
  await start({
    delay: ({ path }) => (path === '/v2/' ? 120 : undefined),
    throttle: () => 40,
    intercept: ({ url }, response) => {
      if (url !== '/v2/broken/tags/list') {
        return false;
      }
      response.writeHead(503).end();
      return true;
    },
  });
  await ask('POST', `/v2/a/blobs/uploads/?digest=${DIGEST}`, { body: CONTENT });
  registry.clearRequests();
  const begin = performance.now();
  await ask('GET', '/v2/');
  const pinged = performance.now();
  expect(pinged - begin).toBeGreaterThan(110);
  await ask('GET', `/v2/a/blobs/${DIGEST}`);
  expect(performance.now() - pinged).toBeGreaterThan(200);
  await ask('GET', '/v2/broken/tags/list');
  await ask('GET', '/v2/none/tags/list?n=1');
  expect(registry.requests).toEqual([
    expect.objectContaining({ method: 'GET', path: '/v2/', status: 200 }),
    expect.objectContaining({ path: `/v2/a/blobs/${DIGEST}`, status: 200 }),
    expect.objectContaining({ path: '/v2/broken/tags/list', status: 503 }),
    expect.objectContaining({ query: '?n=1', status: 404 }),
  ]);
});

it('stops while a blob is on its way', async () => {
  await start({ throttle: () => 1 });
  await ask('POST', `/v2/a/blobs/uploads/?digest=${DIGEST}`, { body: CONTENT });
  const reading = ask('GET', `/v2/a/blobs/${DIGEST}`);
  const broken = expect(reading).rejects.toThrow();
  while (registry.requests.length < 2) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  await registry.stop();
  await broken;
});

describe('made images', () => {
  it('have the same digests every time', () => {
    const made = makeImage({
      platforms: ['linux/amd64', 'linux/arm/v7'],
      layers: [{ '/etc/motd': 'hello', 'usr/bin/app': 'x'.repeat(70_000) }],
      env: { PATH: '/usr/bin' },
      labels: { maintainer: 'demo' },
    });
    expect(made.digest).toBe(
      'sha256:f85aefa3af09671c85996733d5878f6e492805beaad2cdf752399c034f9597ab',
    );
  });

  it('are built on others of the registry', async () => {
    await start();
    const base = await pushImage(registry.host, {
      repository: 'bases/alpine',
      tag: '3.21',
      platforms: ['linux/amd64', 'linux/arm64'],
      env: { PATH: '/bin', LANG: 'C' },
      labels: { a: 'base', b: 'base' },
    });
    const app = await pushImage(registry.host, {
      repository: 'apps/shop',
      tag: '1.0',
      platforms: ['linux/arm64'],
      from: { repository: 'bases/alpine', reference: base.digest },
      layers: [{ app: 'shop' }],
      env: { PATH: '/app' },
      labels: { b: 'app' },
    });
    expect(app.children[0].diffIds).toEqual([
      ...base.children[1].diffIds,
      expect.stringMatching(/^sha256:/),
    ]);
    const [{ config }] = await RegistryHttp.create(registry.url).readBase(
      'apps/shop',
      '1.0',
    );
    expect(config.config).toEqual({
      Env: ['LANG=C', 'PATH=/app'],
      Labels: { a: 'base', b: 'app' },
    });
  });

  it('say what is wrong', async () => {
    await start();
    const options = { repository: 'a', tag: '1', platforms: ['linux/s390x'] };
    await expect(
      pushImage(registry.host, { ...options, platforms: [] }),
    ).rejects.toThrow('at least one platform');
    await expect(
      pushImage(registry.host, {
        ...options,
        from: { repository: 'none', reference: '1' },
      }),
    ).rejects.toThrow('GET /v2/none/manifests/1: 404');
  });
});
