import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { InputError } from '@backstage/errors';
import { XzReadableStream } from 'xz-decompress';

const BLOCK = 512;
const CHECKSUM = { start: 148, end: 156 };
const ANY = undefined;

/** How an archive is compressed. */
export type Compression = 'gzip' | 'zstd' | 'xz' | 'none';

/** How a file is compressed, by its first bytes. */
const MAGIC: Array<[Compression | 'bzip2', Array<number | undefined>]> = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68, ANY, 0x31, 0x41, 0x59]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

const LONGEST = Math.max(...MAGIC.map(([, bytes]) => bytes.length));

/** How a layer is compressed, by its media type. */
export function compressionOf(mediaType: string): 'gzip' | 'zstd' | 'none' {
  if (mediaType.endsWith('gzip')) {
    return 'gzip';
  }
  return mediaType.endsWith('zstd') ? 'zstd' : 'none';
}

function unxz(source: Readable): Readable {
  // one class, of which Node and the browser each have a type
  const packed = Readable.toWeb(source) as ReadableStream<Uint8Array>;
  const plain: unknown = new XzReadableStream(packed);
  return Readable.fromWeb(plain as NodeReadableStream);
}

function decompressor(source: Readable, compression: Compression): Readable {
  switch (compression) {
    case 'gzip':
      return source.pipe(createGunzip());
    case 'zstd':
      return source.pipe(createZstdDecompress());
    default:
      return unxz(source);
  }
}

/** A stream without its compression; a fault of the source is its own. */
export function decompress(
  source: Readable,
  compression: Compression,
): Readable {
  if (compression === 'none') {
    return source;
  }
  const plain = decompressor(source, compression);
  source.on('error', error => plain.destroy(error));
  plain.on('close', () => source.destroy());
  return plain;
}

async function readStart(source: Readable, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= length) {
      break;
    }
  }
  return Buffer.concat(chunks).subarray(0, length);
}

/** Whether a block is the header of a tar archive: its checksum is right. */
function isTarHeader(block: Buffer): boolean {
  const told = block.subarray(CHECKSUM.start, CHECKSUM.end).toString('latin1');
  const sum = block.reduce((total, byte, index) => {
    const own = index >= CHECKSUM.start && index < CHECKSUM.end;
    return total + (own ? 0x20 : byte);
  }, 0);
  return block.length === BLOCK && parseInt(told, 8) === sum;
}

/**
 * Finds out whether a file is an archive that ADD unpacks: a tar, plain or
 * compressed (Dockerfile reference, ADD).
 *
 * @param open - the file from its beginning
 * @returns how it is compressed; undefined when it is no archive
 * @throws InputError - it is compressed by bzip2
 */
export async function archiveCompression(
  open: () => Promise<Readable>,
): Promise<Compression | undefined> {
  const start = await readStart(await open(), LONGEST);
  const [compression] = MAGIC.find(([, bytes]) =>
    bytes.every((byte, index) => byte === ANY || start[index] === byte),
  ) ?? ['none' as const];
  if (compression === 'bzip2') {
    // what there is for it in JavaScript takes a minute and the whole file's
    // memory for what xz does in seconds
    throw new InputError(
      'is compressed by bzip2, which the embedded builder does not unpack; compress it by gzip, xz or zstd, or COPY it as it is',
    );
  }
  try {
    const block = await readStart(decompress(await open(), compression), BLOCK);
    return isTarHeader(block) ? compression : undefined;
  } catch {
    // what only looks compressed is a file like any other
    return undefined;
  }
}
