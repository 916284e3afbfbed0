import { Readable } from 'node:stream';
import { TestRegistry } from '@imglife/test-registry';
import { digestOf } from './digest';
import { DigestMismatchError, RegistryError } from './errors';
import type { Descriptor } from './manifests';
import { MediaTypes } from './mediaTypes';
import { RegistryClient } from './RegistryClient';

const ABSENT = digestOf(Buffer.from('absent'));

function describeBytes(bytes: Buffer, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

describe('RegistryClient', () => {
  const closers: Array<() => Promise<void>> = [];

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function start(
    options: Parameters<typeof TestRegistry.start>[0] = {},
  ): Promise<TestRegistry> {
    const registry = await TestRegistry.start({ port: 0, ...options });
    closers.push(() => registry.stop());
    return registry;
  }

  function connect(
    registry: { host: string },
    options: Partial<Parameters<typeof RegistryClient.create>[0]> = {},
  ): RegistryClient {
    const client = RegistryClient.create({
      host: registry.host,
      insecure: true,
      ...options,
    });
    closers.push(() => client.close());
    return client;
  }

  async function pushImage(
    client: RegistryClient,
    repository: string,
    tag: string,
  ) {
    const config = Buffer.from(JSON.stringify({ os: 'linux', tag }));
    const descriptor = describeBytes(config, MediaTypes.ociConfig);
    await client.putBlob(repository, descriptor, () => config);
    // odd spacing and an unknown field: bytes must travel as they are
    const bytes = Buffer.from(
      `{ "schemaVersion":2,  "x":[1], "mediaType":"${
        MediaTypes.ociManifest
      }","config":${JSON.stringify(descriptor)},"layers":[]}\n`,
    );
    const put = await client.putManifest(
      repository,
      tag,
      bytes,
      MediaTypes.ociManifest,
    );
    return { bytes, descriptor: put };
  }

  it('lists the repositories of a registry, page by page', async () => {
    const registry = await start({ pageSize: 2 });
    const client = connect(registry);
    expect(await client.listRepositories()).toEqual([]);
    for (const name of ['a/one', 'b', 'c/d/three', 'e', 'f']) {
      await pushImage(client, name, 'x');
    }
    expect(await client.listRepositories()).toEqual([
      'a/one',
      'b',
      'c/d/three',
      'e',
      'f',
    ]);
  });

  it.each([
    [401, ''],
    [404, ''],
    [200, '<html>'],
    [200, '{"repositories":[7]}'],
  ])('says that there is no catalog: %i %s', async (status, body) => {
    const client = connect(
      await start({
        intercept: (request, response) => {
          const isCatalog = request.url!.startsWith('/v2/_catalog');
          if (isCatalog) {
            response.writeHead(status).end(body);
          }
          return isCatalog;
        },
      }),
    );
    await expect(client.listRepositories()).rejects.toMatchObject({
      name: 'RegistryError',
      status: status === 200 ? undefined : status,
    });
  });

  it('pushes, reads and deletes manifests by tag and digest', async () => {
    const client = connect(await start());
    const { bytes, descriptor } = await pushImage(client, 'a/b', '1');
    expect(descriptor).toEqual(describeBytes(bytes, MediaTypes.ociManifest));

    for (const reference of ['1', descriptor.digest]) {
      expect(await client.headManifest('a/b', reference)).toEqual(descriptor);
      const got = await client.getManifest('a/b', reference);
      expect(got.bytes.equals(bytes)).toBe(true);
      expect(got.descriptor).toEqual(descriptor);
      expect(got.manifest).toMatchObject({ layers: [], x: [1] });
    }

    await client.deleteManifest('a/b', descriptor.digest);
    expect(await client.headManifest('a/b', '1')).toBeUndefined();
    await expect(client.getManifest('a/b', '1')).rejects.toMatchObject({
      name: 'RegistryError',
      status: 404,
      code: 'MANIFEST_UNKNOWN',
      repository: 'a/b',
      reference: '1',
      host: client.host,
      retryable: false,
      message: expect.stringContaining(`${client.host}/a/b:1: `),
    });
  });

  it('refuses to delete by tag and to put under a wrong digest', async () => {
    const registry = await start();
    const client = connect(registry);
    await expect(client.deleteManifest('a', 'latest')).rejects.toThrow(
      'by its digest',
    );
    await expect(
      client.putManifest('a', ABSENT, Buffer.from('{}'), MediaTypes.ociIndex),
    ).rejects.toThrow(DigestMismatchError);
    expect(registry.requests).toEqual([]);
  });

  it.each([
    ['../../etc', '1'],
    ['a/../b', '1'],
    ['a', '../x'],
    ['a', 'x?y'],
    ['a', 'sha256:../..'],
  ])(
    'asks for nothing by the bad name %s %s',
    async (repository, reference) => {
      const registry = await start();
      const client = connect(registry);
      await expect(client.getManifest(repository, reference)).rejects.toThrow(
        'Invalid image reference',
      );
      await expect(client.headBlob(repository, reference)).rejects.toThrow(
        'Invalid image reference',
      );
      expect(registry.requests).toEqual([]);
    },
  );

  it('lists tags over all pages, none, and of no repository', async () => {
    const registry = await start({ pageSize: 2 });
    const client = connect(registry);
    const tags = ['1', '2', '3', '4', '5'];
    let digest = '';
    for (const tag of tags) {
      ({
        descriptor: { digest },
      } = await pushImage(client, 'paged', tag));
    }
    registry.clearRequests();
    expect((await client.listTags('paged')).sort()).toEqual(tags);
    expect(registry.requests).toHaveLength(3);

    await pushImage(client, 'emptied', '5');
    await client.deleteManifest('emptied', digest);
    expect(await client.listTags('emptied')).toEqual([]);
    await expect(client.listTags('absent')).rejects.toMatchObject({
      status: 404,
      code: 'NAME_UNKNOWN',
    });
  });

  it.each([
    ['nothing', 0],
    ['one byte', 1],
    ['several chunks', 3_000_000],
  ])('streams a blob of %s both ways', async (_, length) => {
    const client = connect(await start());
    const bytes = Buffer.alloc(length, 'imglife ');
    const descriptor = describeBytes(bytes, MediaTypes.ociLayer);
    expect(await client.headBlob('a', descriptor.digest)).toBeUndefined();

    const chunks = function* chunks() {
      for (let at = 0; at < length; at += 70_000) {
        yield bytes.subarray(at, at + 70_000);
      }
    };
    await client.putBlob('a', descriptor, () => Readable.from(chunks()));

    expect(await client.headBlob('a', descriptor.digest)).toEqual({
      size: length,
    });
    let counted = 0;
    const stream = await client.getBlob('a', descriptor, {
      onBytes: count => {
        counted += count;
      },
    });
    expect(Buffer.concat(await stream.toArray()).equals(bytes)).toBe(true);
    expect(counted).toBe(length);
    expect((await client.readBlob('a', descriptor)).equals(bytes)).toBe(true);
  });

  it('never sends the whole of a wrong body', async () => {
    const registry = await start();
    const client = connect(registry);
    const good = Buffer.alloc(200_000, 'x');
    const descriptor = describeBytes(good, MediaTypes.ociLayer);
    const corrupted = Buffer.from(good);
    corrupted[100_000] = 0;
    const bodies = {
      corrupted,
      shorter: good.subarray(1),
      longer: Buffer.concat([good, good]),
    };
    for (const body of Object.values(bodies)) {
      const pieces = [body.subarray(0, 60_000), body.subarray(60_000)];
      await expect(
        client.putBlob('a', descriptor, () => Readable.from(pieces)),
      ).rejects.toThrow(DigestMismatchError);
      await expect(client.putBlob('a', descriptor, () => body)).rejects.toThrow(
        DigestMismatchError,
      );
    }
    expect(await client.headBlob('a', descriptor.digest)).toBeUndefined();
  });

  it('refuses to read a large blob into memory', async () => {
    const registry = await start();
    const client = connect(registry);
    await expect(
      client.readBlob('a', {
        mediaType: MediaTypes.ociLayer,
        digest: ABSENT,
        size: 9 * 1024 * 1024,
      }),
    ).rejects.toThrow('larger than');
    expect(registry.requests).toEqual([]);
  });

  it('mounts a blob, or cancels the upload it was given instead', async () => {
    const registry = await start();
    const client = connect(registry);
    const { descriptor } = await pushImage(client, 'from', '1');
    const { manifest } = await client.getManifest('from', descriptor.digest);
    const { digest } = (manifest as unknown as { config: Descriptor }).config;

    expect(await client.mountBlob('to', digest, 'from')).toBe(true);
    expect(await client.headBlob('to', digest)).toBeDefined();

    registry.clearRequests();
    expect(await client.mountBlob('to', ABSENT, 'from')).toBe(false);
    expect(registry.requests).toMatchObject([
      { method: 'POST', status: 202 },
      { method: 'DELETE', status: 204 },
    ]);
  });

  it('signs in with a name and password, once asked', async () => {
    const auth = { username: 'ci', password: 'hush:hush' };
    const registry = await start({ auth });
    const client = connect(registry, { auth });
    await pushImage(client, 'a', '1');
    expect(registry.requests.filter(r => r.status === 401)).toHaveLength(1);

    for (const wrong of [undefined, { ...auth, password: 'guess' }]) {
      const stranger = connect(registry, { auth: wrong });
      const failure = await stranger.getManifest('a', '1').catch(e => e);
      expect(failure).toBeInstanceOf(RegistryError);
      expect(failure.status).toBe(401);
      expect(failure.message).toContain('check the credentials');
      expect(failure.message).not.toContain('guess');
    }
  });

  it.each([
    ['with credentials', { username: 'ci', password: 'hush' }],
    ['anonymously', undefined],
  ])('gets one token per scope, %s', async (_, auth) => {
    const registry = await start({ auth, tokenAuth: true });
    const client = connect(registry, { auth });
    await pushImage(client, 'a', '1');
    await Promise.all([1, 2, 3].map(() => client.getManifest('a', '1')));
    await client.listTags('a');

    const asked = registry.requests.filter(r => r.path === '/token');
    expect(asked.map(r => new URLSearchParams(r.query).get('scope'))).toEqual([
      'repository:a:pull,push',
      'repository:a:pull',
    ]);
    expect(asked[0].query).toContain('service=');
    expect(registry.requests.filter(r => r.status === 401)).toHaveLength(1);
  });

  it('gets a new token when the old one has expired', async () => {
    let now = Date.parse('2026-11-23T10:00:00Z');
    const clock = () => new Date(now);
    const registry = await start({ tokenAuth: true, now: clock });
    const client = connect(registry, {
      timing: { now: clock, sleep: async () => {}, random: () => 0 },
    });
    await pushImage(client, 'a', '1');
    registry.clearRequests();
    now += 301_000;
    await client.getManifest('a', '1').catch(() => {});
    await client.headManifest('a', '1');
    const paths = registry.requests.map(r => `${r.status} ${r.path}`);
    expect(paths).toEqual([
      '200 /token',
      '200 /v2/a/manifests/1',
      '200 /v2/a/manifests/1',
    ]);
  });
});
