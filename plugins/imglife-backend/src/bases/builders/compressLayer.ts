import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { LayerCompression } from '@imglife/backstage-plugin-imglife-node';
import { MediaTypes, type Descriptor } from '@imglife/oci';
import { compressZstd } from '../compressZstd';
import { compressionOf, decompress } from '../embedded/decompress';
import type { BuiltLayer } from './BuiltImage';

/**
 * A layer's file as it is to be pushed: one that is compressed already is left
 * as it is, any other is put beside itself. For zstd what a program has
 * compressed otherwise is compressed anew: not every program can write zstd,
 * and none by the bytes of another.
 */
export async function compressLayer(
  layer: BuiltLayer,
  compression: LayerCompression,
  signal: AbortSignal,
): Promise<{ file: string; descriptor: Descriptor }> {
  const { digest, mediaType } = layer;
  const present = compressionOf(mediaType);
  const isDone = present === 'zstd' || present === compression;
  if (digest !== undefined && isDone) {
    const { size } = await stat(layer.file);
    return { file: layer.file, descriptor: { mediaType, digest, size } };
  }
  const isGzip = compression === 'gzip';
  const file = `${layer.file}.${isGzip ? 'gz' : 'zst'}`;
  await pipeline(
    decompress(createReadStream(layer.file), present),
    isGzip ? createGzip({ level: 6 }) : Duplex.from(compressZstd),
    createWriteStream(file),
    { signal },
  );
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal });
  const { size } = await stat(file);
  return {
    file,
    descriptor: {
      mediaType: isGzip ? MediaTypes.ociLayerGzip : MediaTypes.ociLayerZstd,
      digest: `sha256:${hash.digest('hex')}`,
      size,
    },
  };
}
