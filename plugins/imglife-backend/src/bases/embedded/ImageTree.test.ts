import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { ImageTree } from './ImageTree';
import { ArchiveFiles } from './ArchiveFiles';
import { BuildSpool } from './BuildSpool';
import { compressionOf, decompress } from './decompress';

async function tar(
  entries: Array<Pick<Header, 'name'> & Partial<Header>>,
): Promise<Buffer> {
  const archive = pack();
  entries.forEach(entry => archive.entry(entry, ''));
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) {
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

function readLayerTree(blob: Readable, mediaType: string) {
  const open = async () => decompress(blob, compressionOf(mediaType));
  const spool = BuildSpool.create();
  return ArchiveFiles.create({ key: 'layer', open, spool }).list();
}

async function treeOf(
  ...layers: Array<Array<Pick<Header, 'name'> & Partial<Header>>>
): Promise<ImageTree> {
  const tree = ImageTree.create();
  for (const layer of layers) {
    const blob = Readable.from([gzipSync(await tar(layer))]);
    tree.apply(await readLayerTree(blob, 'x.tar+gzip'));
  }
  return tree;
}

const merged = [
  { name: './', type: 'directory' as const },
  { name: './usr/bin/', type: 'directory' as const },
  { name: './bin', type: 'symlink' as const, linkname: 'usr/bin' },
  { name: './sbin', type: 'symlink' as const, linkname: '/bin' },
  { name: './usr/up', type: 'symlink' as const, linkname: '../../../opt' },
  { name: './loop', type: 'symlink' as const, linkname: 'loop' },
];

describe('ImageTree', () => {
  it.each([
    ['bin/tool', 'usr/bin/tool'],
    ['sbin', 'usr/bin'],
    ['usr/up/x', 'opt/x'],
    ['new/path', 'new/path'],
    ['', ''],
  ])('finds %s at %s', async (path, real) => {
    expect((await treeOf(merged)).resolve(path)).toBe(real);
  });

  it('ends a circle of links', async () => {
    const tree = await treeOf(merged);
    expect(() => tree.resolve('loop/x')).toThrow(/circle at \/loop/);
  });

  it('lays whiteouts, hidden folders and replaced ones over each other', async () => {
    const tree = await treeOf(
      [
        { name: 'a/b/', type: 'directory' },
        { name: 'a/link', type: 'symlink', linkname: 'b' },
        { name: 'hidden/old/', type: 'directory' },
        { name: 'c/d/', type: 'directory' },
      ],
      [
        { name: 'hidden/new/', type: 'directory' },
        { name: 'hidden/.wh..wh..opq', type: 'file' },
        { name: 'a/.wh.b', type: 'file' },
        { name: 'c', type: 'file' },
      ],
    );
    const paths = ['a/b', 'a/link', 'hidden/old', 'hidden/new', 'c', 'c/d'];
    expect(paths.map(path => tree.typeOf(path))).toEqual([
      undefined,
      'symlink',
      undefined,
      'directory',
      'file',
      undefined,
    ]);
  });

  it.each([
    ['application/vnd.oci.image.layer.v1.tar', (bytes: Buffer) => bytes],
    ['application/vnd.docker.image.rootfs.diff.tar.gzip', gzipSync],
    ['application/vnd.oci.image.layer.v1.tar+zstd', zstdCompressSync],
  ])('reads %s', async (mediaType, compress) => {
    const bytes = compress(await tar(merged));
    const { entries } = await readLayerTree(Readable.from([bytes]), mediaType);
    const found = new Map(entries);
    expect(found.get('bin')).toMatchObject({
      type: 'symlink',
      target: 'usr/bin',
    });
    expect(found.get('usr/bin')).toMatchObject({ type: 'directory' });
  });

  it('fails on a layer that is cut short', async () => {
    const bytes = gzipSync(await tar(merged));
    const cut = Readable.from([bytes.subarray(0, bytes.length / 2)]);
    await expect(readLayerTree(cut, 'x.tar+gzip')).rejects.toThrow();
  });
});
