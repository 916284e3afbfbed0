import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { digestOf, MediaTypes, RegistryClient } from '@imglife/oci';
import { TestRegistry } from '@imglife/test-registry';
import { pack, type Header } from 'tar-stream';
import { readAddedFiles } from './readAddedFiles';

const repository = 'bases/alpine';
const { signal } = new AbortController();

describe('readAddedFiles', () => {
  let registry: TestRegistry;
  let client: RegistryClient;

  beforeEach(async () => {
    registry = await TestRegistry.start();
    client = RegistryClient.create({ host: registry.host, insecure: true });
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
  });

  async function layer(
    entries: Array<Partial<Header> & { name: string } & { content?: string }>,
    compression: 'gzip' | 'zstd' = 'gzip',
  ) {
    const archive = pack();
    entries.forEach(({ content = '', ...header }) =>
      archive.entry(header, content),
    );
    archive.finalize();
    const tar = await buffer(archive);
    const bytes =
      compression === 'gzip' ? gzipSync(tar) : zstdCompressSync(tar);
    const mediaType =
      compression === 'gzip'
        ? MediaTypes.ociLayerGzip
        : MediaTypes.ociLayerZstd;
    const descriptor = {
      mediaType,
      digest: digestOf(bytes),
      size: bytes.length,
    };
    await client.putBlob(repository, descriptor, () => bytes);
    return descriptor;
  }

  it('lays layers over one another and hashes what is left', async () => {
    const below = await layer([
      { name: 'etc/', type: 'directory' },
      { name: 'etc/kept', content: 'old' },
      { name: 'etc/gone', content: 'x' },
      { name: 'srv/a/one', content: 'x' },
      { name: 'opt/two', content: 'x' },
      { name: 'etc/turned', content: 'x' },
    ]);
    const above = await layer(
      [
        { name: './etc/kept', content: 'new' },
        { name: 'etc/.wh.gone', content: '' },
        { name: 'srv/.wh.a', content: '' },
        { name: 'opt/three', content: 'mine' },
        { name: 'opt/.wh..wh..opq', content: '' },
        { name: 'opt/same', type: 'link', linkname: 'opt/three' },
        { name: 'opt/below', type: 'link', linkname: 'bin/of-the-mirror' },
        { name: 'etc/turned', type: 'symlink', linkname: 'kept' },
      ],
      'zstd',
    );
    const files = await readAddedFiles({ client, repository }, [below, above], {
      signal,
    });
    const hash = (algorithm: string, text: string) =>
      createHash(algorithm).update(text).digest('hex');
    expect(files).toEqual(
      [
        ['/etc/kept', 'new'],
        ['/opt/same', 'mine'],
        ['/opt/three', 'mine'],
      ].map(([path, content]) => ({
        path,
        size: content.length,
        sha1: hash('sha1', content),
        sha256: hash('sha256', content),
        layer: above.digest,
      })),
    );
  });

  it('lists none when they are too many', async () => {
    const layers = [
      await layer(['a', 'b', 'c'].map(name => ({ name, content: 'x' }))),
    ];
    const read = (maxFiles: number) =>
      readAddedFiles({ client, repository }, layers, { signal, maxFiles });
    expect(await read(3)).toHaveLength(3);
    expect(await read(2)).toBeUndefined();
  });

  it('fails when a layer is no archive', async () => {
    const bytes = gzipSync(Buffer.alloc(2048, 7));
    const broken = {
      mediaType: MediaTypes.ociLayerGzip,
      digest: digestOf(bytes),
      size: bytes.length,
    };
    await client.putBlob(repository, broken, () => bytes);
    await expect(
      readAddedFiles({ client, repository }, [broken], { signal }),
    ).rejects.toThrow(/tar header/i);
  });
});
