import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { MediaTypes, type Descriptor } from '@imglife/oci';
import type { BuiltLayer } from './BuiltImage';

/**
 * A layer's file as it is to be pushed: one that is compressed already is left
 * as it is, an uncompressed one is put beside itself as gzip.
 */
export async function compressLayer(
  layer: BuiltLayer,
  signal: AbortSignal,
): Promise<{ file: string; descriptor: Descriptor }> {
  const { digest, mediaType } = layer;
  if (digest !== undefined && !isPlainTar(mediaType)) {
    const { size } = await stat(layer.file);
    return { file: layer.file, descriptor: { mediaType, digest, size } };
  }
  const file = `${layer.file}.gz`;
  await pipeline(
    createReadStream(layer.file),
    createGzip({ level: 6 }),
    createWriteStream(file),
    { signal },
  );
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal });
  const { size } = await stat(file);
  return {
    file,
    descriptor: {
      mediaType: MediaTypes.ociLayerGzip,
      digest: `sha256:${hash.digest('hex')}`,
      size,
    },
  };
}

function isPlainTar(mediaType: string): boolean {
  return (
    mediaType === MediaTypes.ociLayer || mediaType === MediaTypes.dockerLayer
  );
}
