import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Descriptor, RegistryClient } from '@imglife/oci';
import { extract, type Header } from 'tar-stream';
import { compressionOf, decompress } from '../embedded/decompress';
import type { AddedFile } from './ImageInventory';

/** More files than this are not listed one by one. */
export const MAX_FILES = 10_000;

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

interface LayerEntry extends AsyncIterable<Uint8Array> {
  header: Header;
}

function pathOf(name: string): string {
  return posix.join('/', name).replace(/(.)\/$/, '$1');
}

async function hashEntry(entry: LayerEntry) {
  const [sha1, sha256] = [createHash('sha1'), createHash('sha256')];
  let size = 0;
  for await (const chunk of entry) {
    sha1.update(chunk);
    sha256.update(chunk);
    size += chunk.length;
  }
  return { size, sha1: sha1.digest('hex'), sha256: sha256.digest('hex') };
}

/** What a path stands for is gone, and all below it. */
function remove(
  files: Map<string, AddedFile>,
  path: string,
  layer?: string,
): void {
  for (const [each, file] of files) {
    const isBelow = each === path || each.startsWith(posix.join(path, '/'));
    if (isBelow && file.layer !== layer) {
      files.delete(each);
    }
  }
}

/** One entry of a layer (OCI image-spec, layer.md), laid over what is below. */
async function apply(
  files: Map<string, AddedFile>,
  entry: LayerEntry,
  layer: string,
): Promise<void> {
  const path = pathOf(entry.header.name);
  const [folder, name] = [posix.dirname(path), posix.basename(path)];
  const content = await hashEntry(entry);
  if (name === OPAQUE) {
    remove(files, folder, layer);
  } else if (name.startsWith(WHITEOUT)) {
    remove(files, posix.join(folder, name.slice(WHITEOUT.length)), layer);
  } else if (entry.header.type === 'file') {
    files.set(path, { path, ...content, layer });
  } else if (entry.header.type === 'link') {
    // a link to a file of the layers below has no content here
    const target = files.get(pathOf(entry.header.linkname ?? ''));
    if (target) {
      files.set(path, { ...target, path, layer });
    }
  } else if (entry.header.type !== 'directory') {
    files.delete(path);
  }
}

/**
 * Lists what layers add to those below them: files with their hashes, later
 * layers over earlier ones. Contents are hashed as they stream by; none is
 * kept.
 *
 * @param layers - those added, bottom first
 * @returns sorted by path; undefined when they are more than {@link MAX_FILES}
 * @throws RegistryError, or the signal's reason
 */
export async function readAddedFiles(
  source: { client: RegistryClient; repository: string },
  layers: ReadonlyArray<Descriptor>,
  options: { signal: AbortSignal; maxFiles?: number },
): Promise<AddedFile[] | undefined> {
  const { signal, maxFiles = MAX_FILES } = options;
  const { client, repository } = source;
  const files = new Map<string, AddedFile>();
  for (const layer of layers) {
    const blob = await client.getBlob(repository, layer, { signal });
    const plain = decompress(blob, compressionOf(layer.mediaType));
    const archive = extract();
    plain.on('error', error => archive.destroy(error));
    plain.pipe(archive);
    const entries: AsyncIterable<unknown> = archive;
    try {
      for await (const each of entries) {
        const entry = each as LayerEntry;
        await apply(files, entry, layer.digest);
        if (files.size > maxFiles) {
          return undefined;
        }
      }
    } finally {
      blob.destroy();
    }
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
