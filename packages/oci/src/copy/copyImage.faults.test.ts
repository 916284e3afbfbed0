import {
  digestOf as sha,
  pushImage,
  TestRegistry,
  type FaultSpec,
  type LayerFiles,
  type TestRegistryOptions,
} from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { copyImage } from './copyImage';
import { RegistryClient } from '../RegistryClient';

const FROM = 'library/shop';
const TO = 'mirrors/shop';
const TAG = '1.0';
const BLOB = /\/blobs\/sha256:/;
const UPLOAD = /\/blobs\/uploads\//;
const MANIFEST = /\/manifests\//;
/** Large enough that it does not fit into the buffers of a connection. */
const NOISE = randomBytes(3_000_000);

type Side = 'source' | 'target';

/** One thing that goes wrong on the way from one registry to the other. */
interface Row {
  name: string;
  at: Side;
  faults?: FaultSpec[];
  source?: TestRegistryOptions;
  target?: TestRegistryOptions;
  /** The cause as the error has it; without it the image is copied. */
  error?: RegExp;
  /** Milliseconds that the client has waited at least. */
  waits?: number;
}

const once = (
  name: string,
  at: Side,
  fault: Omit<FaultSpec, 'times'>,
): Row => ({ name: `${name}, once`, at, faults: [fault] });
const always = (
  name: string,
  at: Side,
  fault: FaultSpec,
  error: RegExp,
): Row => ({
  name: `${name}, always`,
  at,
  faults: [{ ...fault, times: Infinity }],
  error,
});

const START = Date.parse('2026-11-23T10:00:00Z');
const inSeconds = (seconds: number) =>
  new Date(START + seconds * 1000).toUTCString();
const tooMany = (retryAfter: string) =>
  ({
    kind: 'status',
    status: 429,
    headers: { 'retry-after': retryAfter },
    code: 'TOOMANYREQUESTS',
  } as const);
const GET_BLOB = { method: 'GET', path: BLOB };
const GET_MANIFEST = { method: 'GET', path: MANIFEST };
const PUT_BLOB = { method: 'PUT', path: UPLOAD };
const PUT_TAG = { method: 'PUT', path: `/v2/${TO}/manifests/${TAG}` };

const ROWS: Row[] = [
  {
    ...once('429 with seconds', 'source', {
      ...GET_MANIFEST,
      action: tooMany('7'),
    }),
    waits: 7_000,
  },
  {
    ...once('429 with a date', 'source', {
      ...GET_BLOB,
      action: tooMany(inSeconds(20)),
    }),
    waits: 19_000,
  },
  {
    ...once('429 with seconds', 'target', { ...PUT_TAG, action: tooMany('3') }),
    waits: 3_000,
  },
  always(
    '429 for hours',
    'source',
    { ...GET_MANIFEST, action: tooMany('7200') },
    /429 TOOMANYREQUESTS/,
  ),
  ...[500, 502, 503, 504].flatMap((status): Row[] => [
    {
      name: `a burst of ${status}`,
      at: 'source',
      faults: [
        { ...GET_BLOB, times: 3, action: { kind: 'status', status } },
        { ...GET_MANIFEST, times: 3, action: { kind: 'status', status } },
      ],
    },
    {
      name: `a burst of ${status}`,
      at: 'target',
      faults: [
        { method: 'POST', times: 3, action: { kind: 'status', status } },
        { ...PUT_TAG, times: 3, action: { kind: 'status', status } },
      ],
    },
  ]),
  always(
    '503',
    'target',
    { ...PUT_TAG, action: { kind: 'status', status: 503 } },
    /503/,
  ),
  once('503 in mid-upload', 'target', {
    ...PUT_BLOB,
    after: 500_000,
    action: { kind: 'status', status: 503 },
  }),
  once('reset in mid-blob', 'source', {
    ...GET_BLOB,
    after: 1_000_000,
    action: { kind: 'reset' },
  }),
  once('reset in mid-manifest', 'source', {
    ...GET_MANIFEST,
    after: 100,
    action: { kind: 'reset' },
  }),
  always(
    'reset before any byte',
    'source',
    { ...GET_BLOB, action: { kind: 'reset' } },
    /reset|closed|hang up|terminated|ECONNRESET/i,
  ),
  once('reset in mid-blob', 'target', {
    ...PUT_BLOB,
    after: 1_000_000,
    action: { kind: 'reset' },
  }),
  always(
    'reset in mid-blob',
    'target',
    { ...PUT_BLOB, after: 500_000, action: { kind: 'reset' } },
    /reset|closed|hang up|EPIPE|ECONNRESET/i,
  ),
  once('the answer to a blob lost', 'target', {
    ...PUT_BLOB,
    action: { kind: 'lose-answer' },
  }),
  once('the answer to the tag lost', 'target', {
    ...PUT_TAG,
    action: { kind: 'lose-answer' },
  }),
  once('truncated body', 'source', {
    ...GET_BLOB,
    after: 1_000_000,
    action: { kind: 'truncate' },
  }),
  once('truncated manifest', 'source', {
    ...GET_MANIFEST,
    after: 100,
    action: { kind: 'truncate' },
  }),
  {
    // what is missing is asked for, piece by piece
    name: 'truncated body that seems whole, always',
    at: 'source',
    faults: [
      {
        ...GET_BLOB,
        after: 1_000_000,
        times: Infinity,
        action: { kind: 'truncate', chunked: true },
      },
    ],
  },
  always(
    'wrong digest',
    'source',
    { ...GET_BLOB, after: 900_000, action: { kind: 'flip' } },
    /digest/,
  ),
  always(
    'wrong digest of a child manifest',
    'source',
    {
      method: 'GET',
      path: /\/manifests\/sha256:/,
      after: 30,
      action: { kind: 'flip' },
    },
    /digest|JSON/,
  ),
  always(
    'a byte flipped on the way',
    'target',
    { ...PUT_BLOB, after: 900_000, action: { kind: 'flip' } },
    /DIGEST_INVALID/,
  ),
  once('wrong length, too long', 'source', {
    ...GET_BLOB,
    action: { kind: 'length', by: 1_000 },
  }),
  always(
    'wrong length, too short',
    'source',
    { ...GET_BLOB, action: { kind: 'length', by: -1 } },
    /bytes/,
  ),
  {
    name: 'tag immutability',
    at: 'target',
    target: { capabilities: { immutableTags: 'moves' } },
    error: /TAG_INVALID.*immutable/,
  },
  always(
    'sparse index',
    'target',
    {
      ...PUT_TAG,
      action: {
        kind: 'status',
        status: 400,
        code: 'MANIFEST_BLOB_UNKNOWN',
        message: 'blob unknown to registry',
      },
    },
    /MANIFEST_BLOB_UNKNOWN/,
  ),
  once('restart in mid-blob', 'source', {
    ...GET_BLOB,
    after: 1_000_000,
    action: { kind: 'restart', downFor: 40 },
  }),
  once('restart in mid-blob', 'target', {
    ...PUT_BLOB,
    after: 1_000_000,
    action: { kind: 'restart', downFor: 40, forgetUploads: true },
  }),
  once('restart before the tag', 'target', {
    ...PUT_TAG,
    action: { kind: 'restart', downFor: 40 },
  }),
];

describe('copyImage with faults', () => {
  const closers: Array<() => Promise<void>> = [];
  let now = START;
  let slept = 0;

  /** The clock goes as fast as sleepers wish, and lets a registry restart. */
  const timing = {
    now: () => new Date(now),
    random: () => 0.5,
    sleep: async (milliseconds: number) => {
      slept += milliseconds;
      now += milliseconds;
      await wait(Math.min(milliseconds, 40));
    },
  };

  beforeEach(() => {
    now = START;
    slept = 0;
  });

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function start(options: TestRegistryOptions = {}) {
    const registry = await TestRegistry.start(options);
    const client = RegistryClient.create({
      host: registry.host,
      insecure: true,
      timing,
      auth: options.auth,
      allowedHosts: [new URL(registry.blobOrigin.url).host],
    });
    closers.push(
      () => client.close(),
      () => registry.stop(),
    );
    return { registry, client };
  }

  /** What lets the preparation of a test in. */
  async function authorizationOf(
    { url }: TestRegistry,
    { auth, tokenAuth }: TestRegistryOptions,
  ) {
    const basic = auth && `Basic ${btoa(`${auth.username}:${auth.password}`)}`;
    if (!basic || !tokenAuth) {
      return basic;
    }
    const scopes = [FROM, TO].map(name => `scope=repository:${name}:pull,push`);
    const answer = await fetch(`${url}/token?${scopes.join('&')}`, {
      headers: { authorization: basic },
    });
    return `Bearer ${((await answer.json()) as { token: string }).token}`;
  }

  /** An old image at the target's tag, a new one at the source's. */
  async function startBoth(
    sourceOptions: TestRegistryOptions = {},
    targetOptions: TestRegistryOptions = {},
  ) {
    const source = await start(sourceOptions);
    const target = await start(targetOptions);
    const platforms = ['linux/amd64', 'linux/arm64'];
    const upstream = await pushImage(source.registry.host, {
      repository: FROM,
      tag: TAG,
      platforms,
      layers: (platform): LayerFiles[] => [{ shared: NOISE }, { platform }],
      authorization: await authorizationOf(source.registry, sourceOptions),
    });
    const old = await pushImage(target.registry.host, {
      repository: TO,
      tag: TAG,
      platforms,
      layers: platform => [{ old: platform }],
      authorization: await authorizationOf(target.registry, targetOptions),
    });
    source.registry.clearRequests();
    target.registry.clearRequests();
    const copy = () =>
      copyImage({
        source: { client: source.client, repository: FROM, reference: TAG },
        target: { client: target.client, repository: TO, tag: TAG },
      });
    return { source, target, upstream, old, copy };
  }

  /** Digest of the target's tag, once every byte below it was found right. */
  async function readTarget({ storage }: TestRegistry) {
    const digest = await storage.getTag(TO, TAG);
    const wanted = [digest ?? ''];
    for (const next of wanted) {
      const manifest = await storage.getManifest(TO, next);
      expect(sha(manifest!.bytes)).toBe(next);
      const { manifests, config, layers } = JSON.parse(
        manifest!.bytes.toString(),
      );
      wanted.push(
        ...(manifests ?? []).map((m: { digest: string }) => m.digest),
      );
      for (const blob of config ? [config, ...layers] : []) {
        expect(await storage.statBlob(TO, blob.digest)).toEqual({
          size: blob.size,
        });
        const parts: Buffer[] = await storage.readBlob(blob.digest).toArray();
        expect(sha(Buffer.concat(parts))).toBe(blob.digest);
      }
    }
    return digest;
  }

  /** What stays open: what a client closes late is waited for. */
  async function openUploads(registry: TestRegistry) {
    const end = Date.now() + 2_000;
    while ((await registry.openUploads()).length && Date.now() < end) {
      await wait(10);
    }
    return registry.openUploads();
  }

  it.each(ROWS)('$name at the $at', async row => {
    const { at, faults = [], error, waits = 0 } = row;
    const both = await startBoth(row.source, row.target);
    const { registry } = both[at];
    faults.forEach(fault => registry.fail(fault));

    const outcome = await both.copy().catch((thrown: Error) => thrown);
    const { message } = outcome instanceof Error ? outcome : { message: '' };

    expect(message).toMatch(error ?? /^$/);
    const { host } = registry;
    const named = at === 'source' ? `${host}/${FROM}` : `${host}/${TO}`;
    expect(message).toContain(error ? named : '');
    expect(await readTarget(both.target.registry)).toBe(
      error ? both.old.digest : both.upstream.digest,
    );
    expect(await openUploads(both.target.registry)).toEqual([]);
    expect(
      registry.unspentFaults().filter(({ times }) => times !== Infinity),
    ).toEqual([]);
    expect(slept).toBeGreaterThanOrEqual(waits);
  });

  it('goes on when the token expires in mid-upload', async () => {
    const auth = { username: 'ci', password: 'secret' };
    let expiries = 0;
    let expire = () => {};
    const both = await startBoth(
      {},
      {
        auth,
        tokenAuth: true,
        intercept: ({ method }) => {
          if (method === 'PUT' && expiries > 0) {
            expiries -= 1;
            expire();
          }
          return false;
        },
      },
    );
    const { target, upstream, copy } = both;
    expire = () => target.registry.expireTokens();
    // once: the uploads go on side by side, and one must not meet two
    expiries = 1;
    await copy();
    expect(expiries).toBe(0);
    expect(await readTarget(target.registry)).toBe(upstream.digest);
    const refused = target.registry.requests.filter(
      ({ method, status }) => method === 'PUT' && status === 401,
    );
    expect(refused.length).toBeGreaterThan(0);
    expect(await openUploads(target.registry)).toEqual([]);
  });

  it('gives no credential to the origin that blobs are redirected to', async () => {
    const auth = { username: 'ci', password: 'secret' };
    const { source, target, upstream, copy } = await startBoth({
      auth,
      tokenAuth: true,
      capabilities: { redirectBlobs: true },
    });
    await copy();
    expect(await readTarget(target.registry)).toBe(upstream.digest);
    const { requests } = source.registry.blobOrigin;
    expect(requests.length).toBeGreaterThan(2);
    for (const { headers } of requests) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('cookie');
    }
  });

  it('pushes what the registry will not mount, and leaves no upload open', async () => {
    const { registry, client } = await start({
      capabilities: { mounts: false },
    });
    const { digest } = await pushImage(registry.host, {
      repository: FROM,
      tag: TAG,
      platforms: ['linux/amd64'],
    });
    registry.clearRequests();
    await copyImage({
      source: { client, repository: FROM, reference: TAG },
      target: { client, repository: TO, tag: TAG },
    });
    expect(await readTarget(registry)).toBe(digest);
    const { mount = 0 } = registry.counts();
    const answers = registry.requests.filter(({ kind }) => kind === 'mount');
    expect(mount).toBeGreaterThan(0);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(await openUploads(registry)).toEqual([]);
  });

  it.each([
    ['relative', 3],
    ['absolute', 3],
    ['none', 1],
  ] as const)('lists tags over %s links', async (links, pages) => {
    const { registry, client } = await start({
      capabilities: { links, pageSize: 2 },
    });
    for (const tag of ['1', '2', '3', '4', '5']) {
      await pushImage(registry.host, {
        repository: FROM,
        tag,
        platforms: ['linux/amd64'],
      });
    }
    registry.clearRequests();
    expect(await client.listTags(FROM)).toEqual(['1', '2', '3', '4', '5']);
    expect(registry.counts()).toEqual({ tags: pages });
  });
});
