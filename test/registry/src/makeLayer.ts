import { crc32 } from 'node:zlib';
import { digestOf } from './digest';

/** Files of a layer: content by absolute or relative path. */
export type LayerFiles = Record<string, string | Uint8Array>;

/** A layer as it is pushed. */
export interface MadeLayer {
  /** The gzip-compressed tar. */
  bytes: Buffer;
  /** Digest of the compressed bytes. */
  digest: string;
  /** Digest of the tar itself (image-spec config.md, "Layer DiffID"). */
  diffId: string;
}

const BLOCK = 512;

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}

/** A ustar header (POSIX.1-1988): owner root, time 0, so that the same files give the same bytes. */
function tarHeader(path: string, size: number, directory: boolean): Buffer {
  const header = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(path) > 100) {
    throw new Error(`a path in a layer has at most 100 bytes: ${path}`);
  }
  header.write(path, 0);
  header.write(octal(directory ? 0o755 : 0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write(directory ? '5' : '0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** Every folder above the paths, with a closing slash, outermost first. */
function foldersOf(paths: string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1);
    parts.forEach((_, at) => {
      folders.add(`${parts.slice(0, at + 1).join('/')}/`);
    });
  }
  return [...folders].sort();
}

/** A tar of some files, with the folders they need, in the order of their names. */
export function makeTar(files: LayerFiles): Buffer {
  const entries = Object.entries(files)
    .map(([path, content]) => ({
      path: path.replace(/^\/+/, ''),
      bytes: Buffer.from(content),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const blocks = foldersOf(entries.map(({ path }) => path)).map(folder =>
    tarHeader(folder, 0, true),
  );
  for (const { path, bytes } of entries) {
    const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
    blocks.push(tarHeader(path, bytes.length, false), bytes, padding);
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/**
 * Wraps bytes as gzip (RFC 1952) without compressing them: compressors give
 * other bytes on other processors, and these have to be the same everywhere.
 */
export function wrapGzip(bytes: Buffer): Buffer {
  const most = 0xffff;
  const parts = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])];
  for (let at = 0; at === 0 || at < bytes.length; at += most) {
    const slice = bytes.subarray(at, at + most);
    const head = Buffer.alloc(5);
    head.writeUInt8(at + most >= bytes.length ? 1 : 0, 0);
    head.writeUInt16LE(slice.length, 1);
    head.writeUInt16LE(most - slice.length, 3);
    parts.push(head, slice);
  }
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(bytes), 0);
  tail.writeUInt32LE(bytes.length % 2 ** 32, 4);
  return Buffer.concat([...parts, tail]);
}

/** A layer of some files; the same files give the same digest on every machine. */
export function makeLayer(files: LayerFiles): MadeLayer {
  const tar = makeTar(files);
  const bytes = wrapGzip(tar);
  return { bytes, digest: digestOf(bytes), diffId: digestOf(tar) };
}
