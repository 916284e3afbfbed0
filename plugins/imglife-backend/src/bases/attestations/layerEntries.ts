import { posix } from 'node:path';
import { ForwardedError } from '@backstage/errors';
import {
  RegistryError,
  type Descriptor,
  type RegistryClient,
} from '@imglife/oci';
import { extract, type Header } from 'tar-stream';
import { compressionOf, decompress } from '../embedded/decompress';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** One entry of a layer (OCI image-spec, layer.md). */
export interface LayerEntry {
  /** in the image, without leading `/`; of a whiteout, what it hides */
  path: string;
  /**
   * What a whiteout hides of the layers below: the path and all below it, or
   * only the content of a folder. Undefined for anything else.
   */
  hides?: 'path' | 'content';
  type: Header['type'];
  /** where a `symlink` leads, as written; the path that a `link` is another name of */
  target: string;
  /** bytes */
  size: number;
  /** to be read before the next entry is asked for, or not at all */
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

interface ArchiveEntry extends AsyncIterable<Uint8Array> {
  header: Header;
  resume(): unknown;
}

function pathOf(name: string): string {
  return posix.join('/', name).replace(/^\/|\/$/g, '');
}

function entryOf(entry: ArchiveEntry): LayerEntry {
  const { name, type, linkname, size = 0 } = entry.header;
  const path = pathOf(name);
  const folder = posix.dirname(`/${path}`).slice(1);
  const base = posix.basename(path);
  const target = type === 'link' ? pathOf(linkname ?? '') : linkname ?? '';
  const common = { type, target, size, content: entry };
  if (base === OPAQUE) {
    return { ...common, path: folder, hides: 'content' };
  }
  if (base.startsWith(WHITEOUT)) {
    const hidden = posix.join(folder, base.slice(WHITEOUT.length));
    return { ...common, path: hidden, hides: 'path' };
  }
  return { ...common, path };
}

/**
 * The entries of a layer in the order of its archive, as it streams by.
 *
 * @throws RegistryError, or the signal's reason
 * @throws Error - it is no such archive; the message names the layer
 */
export async function* layerEntries(
  source: { client: RegistryClient; repository: string },
  layer: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<LayerEntry> {
  const { client, repository } = source;
  const blob = await client.getBlob(repository, layer, { signal });
  const plain = decompress(blob, compressionOf(layer.mediaType));
  const archive = extract();
  plain.on('error', error => archive.destroy(error));
  plain.pipe(archive);
  const entries: AsyncIterable<unknown> = archive;
  try {
    for await (const each of entries) {
      const entry = each as ArchiveEntry;
      yield entryOf(entry);
      entry.resume();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof RegistryError
      ? error
      : new ForwardedError(
          `Cannot read the layer ${layer.digest} of ${repository}`,
          error,
        );
  } finally {
    blob.destroy();
  }
}
