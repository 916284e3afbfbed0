import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { InputError } from '@backstage/errors';

const BLOCK = 512;
const CHECKSUM = { start: 148, end: 156 };
const ANY = undefined;

/** How a file is compressed, by its first bytes. */
type Compression = 'gzip' | 'zstd' | 'bzip2' | 'xz' | 'none';

const MAGIC: Array<[Compression, Array<number | undefined>]> = [
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

/** A stream without its compression; a fault of the source is its own. */
export function decompress(
  source: Readable,
  compression: 'gzip' | 'zstd' | 'none',
): Readable {
  if (compression === 'none') {
    return source;
  }
  const plain =
    compression === 'gzip' ? createGunzip() : createZstdDecompress();
  source.on('error', error => plain.destroy(error));
  plain.on('close', () => source.destroy());
  return source.pipe(plain);
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
 * @throws InputError - it is compressed in a way that cannot be read
 */
export async function archiveCompression(
  open: () => Promise<Readable>,
): Promise<'gzip' | 'zstd' | 'none' | undefined> {
  const start = await readStart(await open(), LONGEST);
  const [compression] = MAGIC.find(([, bytes]) =>
    bytes.every((byte, index) => byte === ANY || start[index] === byte),
  ) ?? ['none' as const];
  if (compression === 'bzip2' || compression === 'xz') {
    throw new InputError(
      `is compressed by ${compression}, which the embedded builder cannot unpack; compress it by gzip or zstd, or COPY it as it is`,
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
