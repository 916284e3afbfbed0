import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { InputError } from '@backstage/errors';
import { MediaTypes, parseImageConfig } from '@imglife/oci';
import { z } from 'zod';
import type { BuiltImage } from './BuiltImage';

const manifestSchema = z
  .array(z.looseObject({ Config: z.string(), Layers: z.array(z.string()) }))
  .length(1);

/**
 * Reads what `docker save` of one image unpacks to; its layers are not
 * compressed (moby, image/tarexport).
 *
 * @param folder - absolute, holds `manifest.json`
 */
export async function readDockerArchive(folder: string): Promise<BuiltImage> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8');
  const [{ Config, Layers }] = manifestSchema.parse(JSON.parse(text));
  const config = parseImageConfig(await readFile(within(folder, Config)));
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== Layers.length) {
    throw new InputError('docker saved an image without all of its layers');
  }
  return {
    config,
    layers: Layers.map((layer, index) => ({
      file: within(folder, layer),
      diffId: diffIds[index],
      mediaType: MediaTypes.ociLayer,
    })),
  };
}

function within(folder: string, name: string): string {
  const file = normalize(join(folder, name));
  if (!file.startsWith(`${folder}/`)) {
    throw new InputError('docker saved an image with a file outside of it');
  }
  return file;
}
