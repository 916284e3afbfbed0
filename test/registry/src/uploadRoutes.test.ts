import { digestOf } from './digest';
import { Answer, CONTENT, DIGEST, RegistryHarness } from './RegistryHarness';

const harness = RegistryHarness.create();
const { ask, openUpload } = harness;

afterEach(() => harness.stop());

describe.each(['memory', 'directory'] as const)('storage %s', kind => {
  beforeEach(() => harness.startOn(kind));

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
});
