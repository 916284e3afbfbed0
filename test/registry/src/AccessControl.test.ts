import {
  ABSENT,
  DIGEST,
  MANIFEST,
  manifestOf,
  RegistryHarness,
} from './RegistryHarness';

const harness = RegistryHarness.create();
const { ask, start } = harness;

afterEach(() => harness.stop());

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
    `Bearer realm="${harness.registry.url}/token",service="imglife-test-registry",scope="repository:a/b:pull,push"`,
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
