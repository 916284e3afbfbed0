import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import {
  TestRegistry,
  type FaultSpec,
  type RegistryCapabilities,
  type TestRegistryOptions,
} from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import { digestOf } from './digest';
import { MediaTypes } from './mediaTypes';
import { RegistryClient, type RegistryClientOptions } from './RegistryClient';
import { startHandler } from './testing/startHandler';

const MIB = 1024 * 1024;
const BLOB = randomBytes(18 * MIB);
const describeBlob = (bytes: Buffer) => ({
  mediaType: MediaTypes.ociLayer,
  digest: digestOf(bytes),
  size: bytes.length,
});
const LAYER = describeBlob(BLOB);
const PULLED = 64 * 1024;

function streamOf(bytes: Buffer): Readable {
  return Readable.from(
    (function* pieces() {
      for (let at = 0; at < bytes.length; at += PULLED) {
        yield bytes.subarray(at, at + PULLED);
      }
    })(),
    { objectMode: false },
  );
}

interface Row {
  name: string;
  capabilities?: Partial<RegistryCapabilities>;
  faults?: FaultSpec[];
  /** Methods and statuses of the requests, repetitions counted. */
  requests: string[];
  error?: RegExp;
  /** How often the content is read from its start. Default once per piece tried. */
  opened: number;
}

const status = (code: number) => ({ kind: 'status', status: code } as const);
const REFUSED = ['POST 202', 'PUT 413', 'DELETE 204', 'POST 202'];
const inChunks = (chunks: string) => [...REFUSED, chunks, 'PUT 201'];

const ROWS: Row[] = [
  {
    name: 'in one piece where that is taken',
    capabilities: { chunkMinLength: 5 * MIB },
    requests: ['POST 202', 'PUT 201'],
    opened: 1,
  },
  {
    name: 'in chunks where it is too large for one',
    capabilities: { maxBody: 10 * MIB },
    requests: inChunks('3 × PATCH 202'),
    opened: 2,
  },
  {
    name: 'in chunks answered with 201',
    capabilities: { maxBody: 10 * MIB, chunkStatus: 201 },
    requests: inChunks('3 × PATCH 201'),
    opened: 2,
  },
  {
    name: 'in smaller chunks',
    capabilities: { maxBody: 3 * MIB },
    requests: [...REFUSED, 'PATCH 413', 'GET 204', '9 × PATCH 202', 'PUT 201'],
    opened: 3,
  },
  {
    name: 'in chunks as large as asked for, the last with the end',
    capabilities: { maxBody: 11 * MIB, chunkMinLength: 10 * MIB },
    requests: inChunks('PATCH 202'),
    opened: 2,
  },
  {
    name: 'not at all where every size is too large',
    capabilities: { maxBody: 1_000 },
    requests: [
      ...REFUSED,
      'PATCH 413',
      'GET 204',
      'PATCH 413',
      'GET 204',
      'PATCH 413',
      'GET 204',
      'PATCH 413',
      'DELETE 204',
    ],
    error: /PATCH was answered with 413 SIZE_INVALID/,
    opened: 5,
  },
  ...[405, 501].map(code => ({
    name: `in chunks where one piece is answered with ${code}`,
    faults: [{ method: 'PUT', action: status(code) }],
    requests: [
      'POST 202',
      `PUT ${code}`,
      'DELETE 204',
      'POST 202',
      '3 × PATCH 202',
      'PUT 201',
    ],
    opened: 2,
  })),
  {
    name: 'from where the registry is after a chunk broke off',
    capabilities: { maxBody: 10 * MIB },
    faults: [
      { method: 'PATCH', skip: 1, after: 3 * MIB, action: { kind: 'reset' } },
    ],
    requests: [
      ...REFUSED,
      'PATCH 202',
      'PATCH 500',
      'GET 204',
      'PATCH 202',
      'PUT 201',
    ],
    opened: 3,
  },
  {
    name: 'from where the registry is after a 416',
    capabilities: { maxBody: 10 * MIB },
    faults: [{ method: 'PATCH', skip: 1, action: status(416) }],
    requests: [
      ...REFUSED,
      'PATCH 202',
      'PATCH 416',
      'GET 204',
      '2 × PATCH 202',
      'PUT 201',
    ],
    opened: 3,
  },
  {
    name: 'without sending twice the chunk whose answer was lost',
    capabilities: { maxBody: 10 * MIB },
    faults: [{ method: 'PATCH', action: { kind: 'lose-answer' } }],
    requests: [...REFUSED, 'PATCH 0', 'GET 204', '2 × PATCH 202', 'PUT 201'],
    opened: 3,
  },
  {
    name: 'not for ever where no chunk is taken',
    capabilities: { maxBody: 10 * MIB },
    faults: [{ method: 'PATCH', times: Infinity, action: status(416) }],
    requests: [
      ...REFUSED,
      ...Array.from({ length: 4 }, () => ['PATCH 416', 'GET 204']).flat(),
      'PATCH 416',
      'DELETE 204',
    ],
    error: /PATCH was answered with 416/,
    opened: 6,
  },
];

describe('BlobUploads', () => {
  const closers: Array<() => Promise<void>> = [];

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function start(
    options: TestRegistryOptions = {},
    more: Partial<RegistryClientOptions> = {},
  ) {
    const registry = await TestRegistry.start(options);
    const client = RegistryClient.create({
      host: registry.host,
      insecure: true,
      auth: options.auth,
      timing: { now: () => new Date(), sleep: async () => {}, random: () => 0 },
      ...more,
    });
    closers.push(
      () => client.close(),
      () => registry.stop(),
    );
    return { registry, client };
  }

  /** What was asked, with repetitions as `3 × PATCH 202`. */
  function asked({ requests }: TestRegistry): string[] {
    const lines = requests.map(r => `${r.method} ${r.status}`);
    return lines.flatMap((line, at) => {
      if (line === lines[at - 1]) {
        return [];
      }
      const end = lines.findIndex((other, to) => to > at && other !== line);
      const count = (end < 0 ? lines.length : end) - at;
      return [count > 1 ? `${count} × ${line}` : line];
    });
  }

  async function expectBlob({ storage }: TestRegistry, bytes: Buffer) {
    const { digest } = describeBlob(bytes);
    const parts: Buffer[] = await storage.readBlob(digest).toArray();
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  }

  it.each(ROWS)('pushes $name', async row => {
    const { registry, client } = await start({
      capabilities: row.capabilities,
    });
    row.faults?.forEach(fault => registry.fail(fault));
    let opened = 0;
    const problem = await client
      .putBlob('a', LAYER, () => {
        opened += 1;
        return streamOf(BLOB);
      })
      .then(
        ({ mounted }) => (mounted ? 'mounted' : ''),
        (error: Error) => error.message,
      );

    expect(asked(registry)).toEqual(row.requests);
    expect(problem).toMatch(row.error ?? /^$/);
    expect(await registry.openUploads()).toEqual([]);
    expect(await client.headBlob('a', LAYER.digest)).toEqual(
      row.error ? undefined : { size: BLOB.length },
    );
    expect(opened).toBe(row.opened);
  });

  it('remembers what the registry takes', async () => {
    const { registry, client } = await start({
      capabilities: { maxBody: 3 * MIB },
    });
    await client.putBlob('a', LAYER, () => BLOB);
    await expectBlob(registry, BLOB);
    for (const [size, requests] of [
      [2 * MIB, ['POST 202', 'PUT 201']],
      [19 * MIB, ['POST 202', '10 × PATCH 202', 'PUT 201']],
    ] as const) {
      const other = Buffer.alloc(size, 'x');
      registry.clearRequests();
      await client.putBlob('a', describeBlob(other), () => streamOf(other));
      expect(asked(registry)).toEqual(requests);
      await expectBlob(registry, other);
    }
  });

  it('goes on when the token expires between chunks', async () => {
    const auth = { username: 'ci', password: 'hush' };
    let expire = () => {};
    let chunks = 0;
    const { registry, client } = await start({
      auth,
      tokenAuth: true,
      capabilities: { maxBody: 10 * MIB },
      intercept: ({ method }) => {
        chunks += method === 'PATCH' ? 1 : 0;
        if (method === 'PATCH' && chunks === 2) {
          expire();
        }
        return false;
      },
    });
    expire = () => registry.expireTokens();
    await client.putBlob('a', LAYER, () => streamOf(BLOB));
    await expectBlob(registry, BLOB);
    expect(
      registry.requests.filter(r => r.method === 'PATCH').map(r => r.status),
    ).toEqual([202, 401, 202, 202]);
  });

  it('never sends the whole of a wrong content in chunks', async () => {
    const { registry, client } = await start({
      capabilities: { maxBody: 10 * MIB },
    });
    const wrong = Buffer.from(BLOB);
    wrong[17 * MIB] ^= 1;
    await expect(
      client.putBlob('a', LAYER, () => streamOf(wrong)),
    ).rejects.toThrow('its content has digest');
    expect(await registry.openUploads()).toEqual([]);
    expect(asked(registry).filter(line => line === 'PUT 201')).toEqual([]);
  });

  it('does not push again when the content breaks off', async () => {
    const { registry, client } = await start();
    const source = await start();
    await source.client.putBlob('a', LAYER, () => BLOB);
    source.registry.fail({
      method: 'GET',
      times: Infinity,
      after: 1_000,
      action: { kind: 'reset' },
    });
    let opened = 0;
    await expect(
      client.putBlob('a', LAYER, () => {
        opened += 1;
        return source.client.getBlob('a', LAYER);
      }),
    ).rejects.toMatchObject({ host: source.registry.host, retryable: true });
    expect(opened).toBe(1);
    expect(await registry.openUploads()).toEqual([]);
  });

  it.each<[string, FaultSpec]>([
    ['the upload is opened', { method: 'POST', action: { kind: 'hang' } }],
    [
      'the content is sent',
      { method: 'PUT', after: MIB, action: { kind: 'hang' } },
    ],
    [
      'the host wants a pause',
      {
        method: 'PUT',
        action: {
          kind: 'status',
          status: 429,
          headers: { 'retry-after': '60' },
        },
      },
    ],
  ])('is over within 2 s when aborted while %s', async (_, fault) => {
    const { registry, client } = await start({}, { timing: undefined });
    registry.fail(fault);
    const stop = new AbortController();
    const reason = new Error('enough');
    const { signal } = stop;
    const push = client.putBlob('a', LAYER, () => streamOf(BLOB), { signal });
    void push.catch(() => {});
    await wait(300);
    const started = Date.now();
    stop.abort(reason);
    await expect(push).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(2_000);
    expect(await registry.openUploads()).toEqual([]);
  });

  it('closes an upload whose address comes after the abort', async () => {
    const server = await startHandler((request, response) => {
      if (request.method === 'POST') {
        setTimeout(() => {
          response.writeHead(202, { location: '/late?state=1' }).end();
        }, 300);
      } else {
        response.writeHead(204).end();
      }
    });
    const client = RegistryClient.create({ host: server.host, insecure: true });
    closers.push(
      () => client.close(),
      () => server.stop(),
    );
    const stop = new AbortController();
    const reason = new Error('enough');
    const { signal } = stop;
    const push = client.putBlob('a', LAYER, () => BLOB, { signal });
    setTimeout(() => stop.abort(reason), 50);
    await expect(push).rejects.toBe(reason);
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /v2/a/blobs/uploads/',
      'DELETE /late?state=1',
    ]);
  });

  describe('with a mount', () => {
    const SMALL = Buffer.from('shared layer');
    const shared = describeBlob(SMALL);

    it.each([
      ['another repository', { from: 'other' }, ['POST 201'], true],
      ['nowhere else', { from: 'empty' }, ['POST 202', 'PUT 201'], false],
      ['wherever it is', {}, ['POST 202', 'PUT 201'], false],
    ])('from %s', async (_, mount, requests, mounted) => {
      const { registry, client } = await start();
      await client.putBlob('other', shared, () => SMALL);
      registry.clearRequests();
      expect(await client.putBlob('a', shared, () => SMALL, { mount })).toEqual(
        { mounted },
      );
      expect(asked(registry)).toEqual(requests);
      const query = new URLSearchParams(registry.requests[0].query);
      expect(Object.fromEntries(query)).toEqual({
        mount: shared.digest,
        ...mount,
      });
      expect(await registry.openUploads()).toEqual([]);
    });

    it('that is refused, or fails', async () => {
      const { registry, client } = await start();
      for (const [code, requests] of [
        [404, ['POST 404', 'POST 202', 'PUT 201']],
        [503, ['POST 503', 'POST 202', 'PUT 201']],
      ] as const) {
        registry.clearRequests();
        registry.fail({ method: 'POST', action: status(code) });
        await client.putBlob('a', shared, () => SMALL, {
          mount: { from: 'b' },
        });
        expect(asked(registry)).toEqual(requests);
      }
      expect(await client.mountBlob('c', shared.digest)).toBe(false);
      expect(await client.mountBlob('c', shared.digest, 'a')).toBe(true);
      expect(await registry.openUploads()).toEqual([]);
    });
  });
});
