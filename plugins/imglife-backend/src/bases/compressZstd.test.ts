import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { digestOf } from '@imglife/oci';
import { compressZstd } from './compressZstd';

/** One block of zstd, whose end is where the end of the stream matters. */
const BLOCK = 128 * 1024;

function content(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) {
    bytes[at] = (at * at * 7 + Math.floor(at / 512)) % 251;
  }
  return bytes;
}

function pieces(bytes: Buffer, length: number): Readable {
  const count = Math.ceil(bytes.length / length);
  return Readable.from(
    Array.from({ length: count }, (_, index) =>
      bytes.subarray(index * length, (index + 1) * length),
    ),
  );
}

describe('compressZstd', () => {
  it.each([0, 512, 1024, BLOCK, 2 * BLOCK, 1_000_000])(
    'gives the same bytes of %i however they come',
    async size => {
      const bytes = content(size);
      const packed = await buffer(compressZstd(pieces(bytes, size || 1)));
      expect(zstdDecompressSync(packed).equals(bytes)).toBe(true);
      for (const length of [512, 777, BLOCK / 2, BLOCK]) {
        const other = await buffer(compressZstd(pieces(bytes, length)));
        expect(digestOf(other)).toBe(digestOf(packed));
      }
    },
  );

  it('ends with the fault of what it reads', async () => {
    const broken = Readable.from(
      (async function* cut() {
        yield content(512);
        throw new Error('reset by the registry');
      })(),
    );
    await expect(buffer(compressZstd(broken))).rejects.toThrow(
      'reset by the registry',
    );
  });

  it('stops reading when nobody takes what it writes', async () => {
    // what cannot be compressed comes out at once
    const source = pieces(randomBytes(64 * BLOCK), BLOCK);
    for await (const chunk of compressZstd(source)) {
      expect(chunk.length).toBeGreaterThan(0);
      // long enough for it to wait with a piece half taken in
      await sleep(100);
      break;
    }
    expect(source.destroyed).toBe(true);
  });
});
