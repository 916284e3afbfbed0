import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib';
import { toError } from '@backstage/errors';

const LEVEL = 9;

/**
 * A stream of bytes as one zstd frame, the same for the same bytes however they
 * are cut into pieces. Each piece is taken in before the next one is given, and
 * the end after the last: Node would tell zstd of the end together with the
 * last piece where it has that already, and zstd then writes other bytes.
 */
export async function* compressZstd(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const packed = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL },
  });
  const feeding = feed(source, packed);
  try {
    for await (const chunk of packed) {
      yield chunk as Buffer;
    }
  } finally {
    packed.destroy();
    await feeding;
  }
}

/** A fault of the source becomes that of the compressed stream. */
async function feed(
  source: AsyncIterable<Uint8Array>,
  packed: ZstdCompress,
): Promise<void> {
  try {
    for await (const piece of source) {
      await write(packed, piece);
    }
    packed.end();
  } catch (error) {
    packed.destroy(toError(error));
  }
}

/** Returns once the piece is taken in. */
async function write(packed: ZstdCompress, piece: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // a write under way is told nothing when its stream is destroyed
    const close = () => reject(new Error('nobody reads on'));
    packed.once('close', close);
    packed.write(piece, error => {
      packed.off('close', close);
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    });
  });
}
