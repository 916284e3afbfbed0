import { buffer } from 'node:stream/consumers';
import type { Descriptor, RegistryClient } from '@imglife/oci';
import { AddedFiles } from './AddedFiles';
import type { AddedFile } from './ImageInventory';
import { layerEntries, type LayerEntry } from './layerEntries';
import type { ImagePackages } from './packages/InstalledPackage';
import { PackageDatabases } from './packages/PackageDatabases';

/** What is in an image. */
export interface ImageContents extends ImagePackages {
  /** of the layers added, sorted by path; undefined: more than are listed */
  files?: AddedFile[];
}

/** Layers that registries need not have (OCI image-spec, layer.md). */
const ELSEWHERE = /\.(?:foreign|nondistributable)\./;

/** The wanted content is kept, and can still be read by who comes next. */
async function keep(entry: LayerEntry): Promise<[LayerEntry, Buffer]> {
  const bytes = await buffer(entry.content as AsyncIterable<Uint8Array>);
  return [{ ...entry, content: [bytes] }, bytes];
}

/**
 * Reads an image's layers, each once and as it streams by: the packages that
 * are installed in all of it, and the files of the layers that are added to
 * what it is built on.
 *
 * @param layers - all of them, bottom first
 * @param options - `below`: how many of them are of what it is built on
 * @throws RegistryError, or the signal's reason
 * @throws Error - a layer is no archive; the message names it
 */
export async function readImageContents(
  source: { client: RegistryClient; repository: string },
  layers: ReadonlyArray<Descriptor>,
  options: {
    below: number;
    signal: AbortSignal;
    maxFiles?: number;
    maxBytes?: number;
  },
): Promise<ImageContents> {
  const { below, signal } = options;
  const added = AddedFiles.create(options);
  const databases = PackageDatabases.create(options);
  for (const [index, layer] of layers.entries()) {
    if (ELSEWHERE.test(layer.mediaType)) {
      databases.skip(`the layer ${layer.digest}, which is not in the registry`);
      continue;
    }
    for await (const each of layerEntries(source, layer, signal)) {
      const [entry, bytes] = databases.wants(each)
        ? await keep(each)
        : [each, undefined];
      databases.add(entry, bytes);
      if (index >= below) {
        await added.add(entry, layer.digest);
      }
    }
    databases.endLayer();
  }
  return { files: added.list, ...(await databases.read()) };
}
