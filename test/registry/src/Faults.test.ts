import { digestOf } from './digest';
import type { FaultAction, FaultSpec } from './Faults';
import { ABSENT, manifestOf, RegistryHarness } from './RegistryHarness';

const harness = RegistryHarness.create();
const { ask, start, openUpload } = harness;

afterEach(() => harness.stop());

const BLOB = Buffer.alloc(200_000, 'blob');
const DIGEST = digestOf(BLOB);
const PATH = `/v2/a/b/blobs/${DIGEST}`;

const push = () =>
  ask('POST', `/v2/a/b/blobs/uploads/?digest=${DIGEST}`, { body: BLOB });

/** A download as a client sees it: how much came, and how it ended. */
async function download(path = PATH) {
  const begin = performance.now();
  const parts: Uint8Array[] = [];
  let outcome = 'broken';
  let status = 0;
  let length: string | null = null;
  try {
    const response = await fetch(new URL(path, harness.registry.url));
    status = response.status;
    length = response.headers.get('content-length');
    for await (const part of response.body ?? []) {
      parts.push(part);
    }
    outcome = 'whole';
  } catch {
    // What came is what is looked at.
  }
  const bytes = Buffer.concat(parts);
  const took = performance.now() - begin;
  return { outcome, status, bytes, size: bytes.length, length, took };
}

describe.each(['memory', 'directory'] as const)('storage %s', kind => {
  beforeEach(async () => {
    await harness.startOn(kind);
    await push();
  });

  it.each<[FaultAction, object]>([
    [{ kind: 'reset' }, { outcome: 'broken' }],
    [{ kind: 'truncate' }, { outcome: 'broken', size: 70_000 }],
    [
      { kind: 'truncate', chunked: true },
      { outcome: 'whole', size: 70_000, length: null },
    ],
    [
      { kind: 'length', by: 10 },
      { outcome: 'broken', length: '200010' },
    ],
    [
      { kind: 'length', by: -10 },
      { outcome: 'whole', size: 199_990, length: '199990' },
    ],
    [{ kind: 'restart' }, { outcome: 'broken' }],
    [{ kind: 'lose-answer' }, { outcome: 'broken', status: 0, size: 0 }],
  ])('download: %j', async (action, expected) => {
    const fault = harness.registry.fail({ path: PATH, after: 70_000, action });
    expect(harness.registry.unspentFaults()).toEqual([fault.spec]);
    const failed = await download();
    expect(failed).toMatchObject({ ...expected });
    expect(failed.size).toBeLessThanOrEqual(BLOB.length);
    expect(fault.hits).toBe(1);
    expect(harness.registry.unspentFaults()).toEqual([]);
    await expect(download()).resolves.toMatchObject({
      outcome: 'whole',
      size: BLOB.length,
    });
  });

  it('flips one byte of a download and keeps the blob', async () => {
    harness.registry.fail({ after: 70_000, action: { kind: 'flip' } });
    const { bytes } = await download();
    expect(bytes).toHaveLength(BLOB.length);
    const differing = [...bytes.keys()].filter(at => bytes[at] !== BLOB[at]);
    expect(differing).toEqual([70_000]);
    expect(digestOf((await download()).bytes)).toBe(DIGEST);
  });

  it('keeps what an upload had when its connection is reset', async () => {
    const location = await openUpload();
    harness.registry.fail({
      method: 'PATCH',
      after: 70_000,
      action: { kind: 'reset' },
    });
    await expect(ask('PATCH', location, { body: BLOB })).rejects.toThrow();
    const [upload] = await harness.registry.openUploads();
    expect(upload).toMatchObject({ repository: 'a/b' });
    expect(upload.size).toBeLessThanOrEqual(70_000);
    const rest = BLOB.subarray(upload.size);
    const done = await ask('PUT', `${location}&digest=${DIGEST}`, {
      body: rest,
    });
    expect(done.status).toBe(201);
    expect(await harness.registry.openUploads()).toEqual([]);
  });

  it.each<[FaultSpec, object]>([
    [
      { after: 70_000, action: { kind: 'status', status: 503, code: 'BUSY' } },
      { status: 503, code: 'BUSY' },
    ],
    [
      { after: 70_000, action: { kind: 'flip' } },
      { status: 400, code: 'DIGEST_INVALID' },
    ],
    [
      {
        action: {
          kind: 'status',
          status: 429,
          headers: { 'retry-after': '7' },
        },
      },
      { status: 429 },
    ],
  ])('upload: %j', async (spec, expected) => {
    harness.registry.fail(spec);
    await expect(push()).resolves.toMatchObject(expected);
    await expect(push()).resolves.toMatchObject({ status: 201 });
  });

  it('does the work and loses the answer', async () => {
    const blob = Buffer.from('another');
    const digest = digestOf(blob);
    harness.registry.fail({ method: 'POST', action: { kind: 'lose-answer' } });
    await expect(
      ask('POST', `/v2/a/b/blobs/uploads/?digest=${digest}`, { body: blob }),
    ).rejects.toThrow();
    const path = `/v2/a/b/blobs/${digest}`;
    await expect(ask('HEAD', path)).resolves.toMatchObject({ status: 200 });
  });
});

it('hangs until the fault is removed, before the answer or in it', async () => {
  await start();
  await push();
  for (const after of [undefined, 1_000]) {
    const fault = harness.registry.fail({ after, action: { kind: 'hang' } });
    let ended = false;
    const hanging = download().finally(() => {
      ended = true;
    });
    await new Promise(resolve => setTimeout(resolve, 60));
    expect(ended).toBe(false);
    fault.remove();
    await expect(hanging).resolves.toMatchObject({ outcome: 'broken' });
  }
});

it('slows down, skips, and fails as often as it is told', async () => {
  await start();
  await push();
  const { registry } = harness;
  registry.fail({ action: { kind: 'slow', rate: 1_000_000 } });
  expect((await download()).took).toBeGreaterThan(150);
  registry.fail({
    method: 'GET',
    path: /blobs/,
    skip: 1,
    times: 2,
    action: { kind: 'status', status: 500 },
  });
  const statuses = [];
  for (let at = 0; at < 4; at += 1) {
    statuses.push((await download()).status);
  }
  expect(statuses).toEqual([200, 500, 500, 200]);
  registry.fail({ times: Infinity, action: { kind: 'status', status: 502 } });
  expect((await download()).status).toBe(502);
  registry.clearFaults();
  expect((await download()).status).toBe(200);
});

it('restarts on its port, with what it has but for uploads if so asked', async () => {
  await start({ checkManifests: false });
  await harness.putManifest('1.0', manifestOf(ABSENT));
  await openUpload();
  const { registry } = harness;
  registry.fail({
    action: { kind: 'restart', downFor: 100, forgetUploads: true },
  });
  await expect(ask('GET', '/v2/')).rejects.toThrow();
  await expect(ask('GET', '/v2/')).rejects.toThrow();
  await registry.restart();
  expect((await ask('GET', '/v2/a/b/manifests/1.0')).status).toBe(200);
  expect(await registry.openUploads()).toEqual([]);
});
