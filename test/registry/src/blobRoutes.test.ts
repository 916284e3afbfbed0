import { CONTENT, DIGEST, RegistryHarness } from './RegistryHarness';

const harness = RegistryHarness.create();
const { ask } = harness;

afterEach(() => harness.stop());

describe.each(['memory', 'directory'] as const)('storage %s', kind => {
  beforeEach(() => harness.startOn(kind));

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
});
