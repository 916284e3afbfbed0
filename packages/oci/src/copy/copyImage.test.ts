import type { IncomingMessage, ServerResponse } from 'node:http';
import { TestRegistry } from '@imglife/test-registry';
import { chainId } from '../chainId';
import { copyImage } from './copyImage';
import { digestOf } from '../digest';
import { DigestMismatchError } from '../errors';
import type { Descriptor } from '../manifests';
import { MediaTypes } from '../mediaTypes';
import { RegistryClient } from '../RegistryClient';
import { resolveImage } from '../resolveImage';

type StartOptions = Parameters<typeof TestRegistry.start>[0];

const LAYER_SIZE = 200_000;
const SHARED = Buffer.alloc(LAYER_SIZE, 'shared');

describe('copyImage', () => {
  const closers: Array<() => Promise<void>> = [];
  const timing = {
    now: () => new Date(),
    sleep: async () => {},
    random: () => 0,
  };

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function start(options: StartOptions = {}, concurrency = 6) {
    const registry = await TestRegistry.start({ port: 0, ...options });
    const client = RegistryClient.create({
      host: registry.host,
      insecure: true,
      concurrency,
      timing,
    });
    closers.push(
      () => client.close(),
      () => registry.stop(),
    );
    return { registry, client };
  }

  async function push(
    client: RegistryClient,
    bytes: Buffer,
    mediaType: string,
  ) {
    const blob = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await client.putBlob('src', blob, () => bytes);
    return blob;
  }

  async function pushManifest(
    client: RegistryClient,
    content: object,
    mediaType: string,
    tag?: string,
  ): Promise<Descriptor> {
    const bytes = Buffer.from(
      `${JSON.stringify(
        { schemaVersion: 2, mediaType, ...content },
        null,
        3,
      )}\n`,
    );
    const reference = tag ?? digestOf(bytes);
    return client.putManifest('src', reference, bytes, mediaType);
  }

  async function pushPlatform(
    client: RegistryClient,
    os: string,
    architecture: string,
    more: Descriptor[] = [],
  ) {
    const own = Buffer.alloc(LAYER_SIZE, `${os}/${architecture}`);
    const diffIds = [digestOf(SHARED), digestOf(own)];
    const config = Buffer.from(
      JSON.stringify({
        os,
        architecture,
        rootfs: { type: 'layers', diff_ids: diffIds },
      }),
    );
    const content = {
      config: await push(client, config, MediaTypes.ociConfig),
      layers: [
        await push(client, SHARED, MediaTypes.ociLayer),
        await push(client, own, MediaTypes.ociLayer),
        ...more,
      ],
    };
    const descriptor = await pushManifest(
      client,
      content,
      MediaTypes.ociManifest,
    );
    return { descriptor, diffIds, config: content.config };
  }

  /** Two platforms in an index, a third in a nested one, and an attestation. */
  async function pushNested(client: RegistryClient) {
    const amd64 = await pushPlatform(client, 'linux', 'amd64');
    const arm64 = await pushPlatform(client, 'linux', 'arm64');
    const arm = await pushPlatform(client, 'linux', 'arm');
    const attestation = await pushManifest(
      client,
      {
        config: await push(client, Buffer.from('{}'), MediaTypes.ociConfig),
        layers: [
          await push(
            client,
            Buffer.from('sbom'),
            'application/vnd.in-toto+json',
          ),
        ],
      },
      MediaTypes.ociManifest,
    );
    const nested = await pushManifest(
      client,
      { manifests: [arm.descriptor] },
      MediaTypes.ociIndex,
    );
    const unknown = { os: 'unknown', architecture: 'unknown' };
    const variant = { os: 'linux', architecture: 'arm64', variant: 'v8' };
    const top = await pushManifest(
      client,
      {
        manifests: [
          amd64.descriptor,
          { ...arm64.descriptor, platform: variant },
          { ...attestation, platform: unknown },
          nested,
        ],
        annotations: { 'org.example': 'kept' },
      },
      MediaTypes.ociIndex,
      '1',
    );
    return { top, amd64, arm64, arm, attestation, nested };
  }

  const line = (r: { method: string; path: string }) => `${r.method} ${r.path}`;

  it('copies an index byte for byte and publishes the tag last', async () => {
    const source = await start();
    const target = await start();
    const pushed = await pushNested(source.client);
    source.registry.clearRequests();
    let passed = 0;
    const result = await copyImage({
      source: { client: source.client, repository: 'src', reference: '1' },
      target: { client: target.client, repository: 'dst/x', tag: 'v1' },
      onBytes: count => {
        passed += count;
      },
    });

    const from = await source.client.getManifest('src', '1');
    const to = await target.client.getManifest('dst/x', 'v1');
    expect(to.bytes.equals(from.bytes)).toBe(true);
    expect(result).toMatchObject({
      digest: pushed.top.digest,
      mediaType: MediaTypes.ociIndex,
      platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
    });
    expect(result.images[0].chainId).toBe(chainId(pushed.amd64.diffIds));

    const configs = [pushed.amd64, pushed.arm64, pushed.arm].map(
      ({ config }) => config.size,
    );
    const sum = (sizes: number[]) => sizes.reduce((a, b) => a + b);
    const platformBytes = sum([...configs, 4 * LAYER_SIZE]);
    const extras = '{}'.length + 'sbom'.length;
    expect(result.bytesMoved).toBe(platformBytes + extras);
    expect(passed).toBe(result.bytesMoved);
    const manifests = [
      pushed.top,
      pushed.amd64.descriptor,
      pushed.arm64.descriptor,
      pushed.arm.descriptor,
      pushed.attestation,
      pushed.nested,
    ];
    const manifestBytes = sum(manifests.map(m => m.size));
    expect(result.sizeBytes).toBe(manifestBytes + platformBytes);

    const puts = target.registry.requests.filter(r => r.method === 'PUT');
    expect(puts.every(r => r.status === 201)).toBe(true);
    expect(line(puts.at(-1)!)).toBe('PUT /v2/dst/x/manifests/v1');
    const blobs = puts.filter(r => r.path.includes('/blobs/'));
    const children = puts.filter(r => r.path.includes('/manifests/sha256:'));
    expect(blobs).toHaveLength(9);
    expect(children).toHaveLength(5);
    const order = (path: string) => puts.findIndex(r => r.path.endsWith(path));
    expect(order(pushed.arm.descriptor.digest)).toBeLessThan(
      order(pushed.nested.digest),
    );
    expect(Math.max(...blobs.map(blob => puts.indexOf(blob)))).toBeLessThan(
      Math.min(...children.map(child => puts.indexOf(child))),
    );

    // each blob was read once, the shared layer too
    const gets = source.registry.requests.filter(
      r => r.method === 'GET' && r.path.includes('/blobs/'),
    );
    expect(new Set(gets.map(line)).size).toBe(gets.length);
  });

  it('sends no blob that is there already, and the tag all the same', async () => {
    const source = await start();
    const target = await start();
    await pushNested(source.client);
    const copy = (tag: string) =>
      copyImage({
        source: { client: source.client, repository: 'src', reference: '1' },
        target: { client: target.client, repository: 'dst', tag },
      });
    const first = await copy('a');
    target.registry.clearRequests();
    const second = await copy('b');
    expect(second).toEqual({ ...first, bytesMoved: 0 });
    expect(target.registry.requests.map(r => r.method)).not.toContain('POST');
    expect(await target.client.listTags('dst')).toEqual(['a', 'b']);
  });

  it('resolves what it copied, without attestations', async () => {
    const source = await start();
    const target = await start();
    const pushed = await pushNested(source.client);
    const copied = await copyImage({
      source: { client: source.client, repository: 'src', reference: '1' },
      target: { client: target.client, repository: 'dst', tag: '1' },
    });
    const resolved = await resolveImage({
      client: target.client,
      repository: 'dst',
      reference: '1',
    });
    expect(resolved.descriptor).toEqual(pushed.top);
    expect(resolved.sizeBytes).toBe(copied.sizeBytes);
    expect(resolved.images).toEqual(copied.images);
    expect(resolved.annotations).toEqual({ 'org.example': 'kept' });
    expect(resolved.images[1]).toMatchObject({
      digest: pushed.arm64.descriptor.digest,
      platform: 'linux/arm64',
      diffIds: pushed.arm64.diffIds,
      config: { architecture: 'arm64' },
    });

    const single = await resolveImage({
      client: target.client,
      repository: 'dst',
      reference: pushed.arm.descriptor.digest,
    });
    expect(single.images.map(i => i.platform)).toEqual(['linux/arm/v7']);
    expect(single.annotations).toEqual({});
    expect(single.sizeBytes).toBe(
      pushed.arm.descriptor.size + pushed.arm.config.size + 2 * LAYER_SIZE,
    );
  });

  it('mounts within one registry instead of moving bytes', async () => {
    const { client, registry } = await start();
    await pushNested(client);
    registry.clearRequests();
    const result = await copyImage({
      source: { client, repository: 'src', reference: '1' },
      target: { client, repository: 'dst', tag: '1' },
    });
    expect(result.bytesMoved).toBe(0);
    const posts = registry.requests.filter(r => r.method === 'POST');
    expect(posts.every(r => r.status === 201)).toBe(true);
    expect(await client.headManifest('dst', '1')).toBeDefined();
  });

  it.each([1, 2])(
    'does not wait for itself within one registry that will not mount, at concurrency %d',
    async concurrency => {
      const { client } = await start(
        {
          intercept: (request, response) => {
            const mount = request.url?.includes('mount=') ?? false;
            if (mount) {
              response.writeHead(405).end();
            }
            return mount;
          },
        },
        concurrency,
      );
      await pushNested(client);
      const copy = (tag: string) =>
        copyImage({
          source: { client, repository: 'src', reference: '1' },
          target: { client, repository: `dst-${tag}`, tag },
        });
      const results = await Promise.all(['a', 'b', 'c'].map(copy));
      expect(results.every(r => r.bytesMoved > 0)).toBe(true);
    },
  );

  const wrongs: Array<[string, (response: ServerResponse) => void]> = [
    ['corrupted', response => response.end(Buffer.alloc(LAYER_SIZE))],
    ['truncated', response => response.end(SHARED.subarray(0, 1000))],
    [
      'broken off',
      response => {
        response.writeHead(200, { 'content-length': LAYER_SIZE });
        response.write(SHARED.subarray(0, 1000), () => response.destroy());
      },
    ],
  ];

  it.each(wrongs)('publishes no tag over a %s blob', async (kind, answer) => {
    const path = `/blobs/${digestOf(SHARED)}`;
    const source = await start({
      intercept: (request: IncomingMessage, response) => {
        const hit = request.method === 'GET' && request.url?.endsWith(path);
        if (hit) {
          answer(response);
        }
        return Boolean(hit);
      },
    });
    // a target that believes everything: what holds is the copy's own order
    const target = await start({ checkManifests: false });
    await pushNested(source.client);
    const copied = copyImage({
      source: { client: source.client, repository: 'src', reference: '1' },
      target: { client: target.client, repository: 'dst', tag: '1' },
    });
    await expect(copied).rejects.toThrow(
      kind === 'broken off' ? 'the connection failed' : DigestMismatchError,
    );
    const puts = target.registry.requests.filter(
      r => r.method === 'PUT' && r.path.includes('/manifests/'),
    );
    expect(puts).toEqual([]);
    expect(
      await target.client.headBlob('dst', digestOf(SHARED)),
    ).toBeUndefined();
  });

  it('recovers from a blob that breaks off once, counting each byte once', async () => {
    const path = `/blobs/${digestOf(SHARED)}`;
    let broken = 0;
    const source = await start({
      intercept: (request, response) => {
        const hit =
          request.method === 'GET' && request.url?.endsWith(path) && !broken;
        if (hit) {
          broken += 1;
          response.writeHead(200, { 'content-length': LAYER_SIZE });
          response.write(SHARED.subarray(0, 100_000), () => response.destroy());
        }
        return Boolean(hit);
      },
    });
    const target = await start();
    await pushNested(source.client);
    let passed = 0;
    const result = await copyImage({
      source: { client: source.client, repository: 'src', reference: '1' },
      target: { client: target.client, repository: 'dst', tag: '1' },
      onBytes: count => {
        passed += count;
      },
    });
    expect(broken).toBe(1);
    expect(passed).toBe(result.bytesMoved);
    expect(await target.client.headManifest('dst', '1')).toBeDefined();
  });

  it('stops when aborted, and publishes nothing', async () => {
    const source = await start({ throttle: () => 50_000 });
    const target = await start({ checkManifests: false });
    await pushNested(source.client);
    const stop = new AbortController();
    const reason = new Error('enough');
    const copied = copyImage({
      source: { client: source.client, repository: 'src', reference: '1' },
      target: { client: target.client, repository: 'dst', tag: '1' },
      signal: stop.signal,
      onBytes: () => stop.abort(reason),
    });
    await expect(copied).rejects.toBe(reason);
    await expect(target.client.listTags('dst')).rejects.toMatchObject({
      status: 404,
    });
  });

  it('leaves foreign layers where they are', async () => {
    const source = await start({ checkManifests: false });
    const target = await start({ checkManifests: false });
    const foreign = {
      mediaType: MediaTypes.dockerForeignLayerGzip,
      digest: digestOf(Buffer.from('foreign')),
      size: 1_000_000,
      urls: ['https://example.invalid/layer'],
    };
    const { descriptor } = await pushPlatform(
      source.client,
      'windows',
      'amd64',
      [foreign],
    );
    const result = await copyImage({
      source: {
        client: source.client,
        repository: 'src',
        reference: descriptor.digest,
      },
      target: { client: target.client, repository: 'dst', tag: '1' },
    });
    expect(result.sizeBytes).toBeLessThan(foreign.size);
    expect(result.images[0].manifest.layers).toContainEqual(foreign);
    expect(source.registry.requests.map(r => r.path)).not.toContainEqual(
      expect.stringContaining(foreign.digest),
    );
  });

  it('copies the entries of an index that are no manifests as blobs', async () => {
    const source = await start({ checkManifests: false });
    const target = await start({ checkManifests: false });
    const bytes = Buffer.from('a build cache');
    const loose = await push(source.client, bytes, MediaTypes.ociLayer);
    await pushManifest(
      source.client,
      { manifests: [loose] },
      MediaTypes.ociIndex,
      '1',
    );
    const result = await copyImage({
      source: { client: source.client, repository: 'src', reference: '1' },
      target: { client: target.client, repository: 'dst', tag: '1' },
    });
    expect(result).toMatchObject({ bytesMoved: bytes.length, images: [] });
    expect(await target.client.readBlob('dst', loose)).toEqual(bytes);
  });

  it('names the child that is missing from a sparse index', async () => {
    const source = await start({ checkManifests: false });
    const target = await start({ checkManifests: false });
    const absent = {
      mediaType: MediaTypes.ociManifest,
      digest: digestOf(Buffer.from('absent')),
      size: 10,
    };
    await pushManifest(
      source.client,
      { manifests: [absent] },
      MediaTypes.ociIndex,
      '1',
    );
    await expect(
      copyImage({
        source: { client: source.client, repository: 'src', reference: '1' },
        target: { client: target.client, repository: 'dst', tag: '1' },
      }),
    ).rejects.toMatchObject({ status: 404, reference: absent.digest });
    expect(target.registry.requests).toEqual([]);
  });
});
