import { request as httpRequest } from 'node:http';
import { pushImage } from './pushImage';
import { CONTENT, DIGEST, RegistryHarness } from './RegistryHarness';
import { RegistryHttp } from './RegistryHttp';

const harness = RegistryHarness.create();
const { ask, start, openUpload } = harness;

afterEach(() => harness.stop());

/** A request as it is written: fetch would tidy the path. */
function statusOfRaw(path: string): Promise<number | undefined> {
  const [hostname, port] = harness.registry.host.split(':');
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path }, response => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe.each(['memory', 'directory'] as const)('storage %s', kind => {
  beforeEach(() => harness.startOn(kind));

  it('answers the ping', async () => {
    expect(await ask('GET', '/v2/')).toMatchObject({ status: 200 });
    expect((await ask('GET', '/v1/')).status).toBe(404);
  });
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
  await start({ storage: { directory: await harness.makeDirectory() } });
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

it('keeps what it has in its directory over a restart', async () => {
  const home = await harness.makeDirectory();
  await start({ storage: { directory: home } });
  const pushed = await pushImage(harness.registry.host, {
    repository: 'apps/shop',
    tag: '1.0',
    platforms: ['linux/amd64', 'linux/arm64'],
  });
  const location = await openUpload('apps/shop');
  await ask('PATCH', location, { body: '0123' });
  await harness.registry.stop();
  await start({ storage: { directory: home } });
  const http = RegistryHttp.create(harness.registry.url);
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
  harness.registry.clearRequests();
  const begin = performance.now();
  await ask('GET', '/v2/');
  const pinged = performance.now();
  expect(pinged - begin).toBeGreaterThan(110);
  await ask('GET', `/v2/a/blobs/${DIGEST}`);
  expect(performance.now() - pinged).toBeGreaterThan(200);
  await ask('GET', '/v2/broken/tags/list');
  await ask('GET', '/v2/none/tags/list?n=1');
  expect(harness.registry.requests).toEqual([
    expect.objectContaining({ method: 'GET', path: '/v2/', status: 200 }),
    expect.objectContaining({ path: `/v2/a/blobs/${DIGEST}`, status: 200 }),
    expect.objectContaining({ path: '/v2/broken/tags/list', status: 503 }),
    expect.objectContaining({ query: '?n=1', status: 404 }),
  ]);
});

it('stops while a blob is on its way', async () => {
  await start({ throttle: () => 1 });
  await ask('POST', `/v2/a/blobs/uploads/?digest=${DIGEST}`, { body: CONTENT });
  const reading = ask('GET', `/v2/a/blobs/${DIGEST}`).then(
    () => 'read',
    () => 'broken',
  );
  while (harness.registry.requests.length < 2) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  await harness.stop();
  expect(await reading).toBe('broken');
});
