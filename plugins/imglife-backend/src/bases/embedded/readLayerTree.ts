import { pipeline } from 'node:stream/promises';
import { posix } from 'node:path';
import {
  PassThrough,
  type Duplex,
  type Readable,
  type Writable,
} from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import type { LayerTree } from './ImageTree';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

function decompressor(mediaType: string): Duplex {
  if (mediaType.endsWith('gzip')) {
    return createGunzip();
  }
  return mediaType.endsWith('zstd')
    ? createZstdDecompress()
    : new PassThrough();
}

function addEntry(tree: LayerTree, header: Header): void {
  const path = posix.join('/', header.name).replace(/^\/|\/$/g, '');
  const name = posix.basename(path);
  const folder = posix.dirname(path) === '.' ? '' : posix.dirname(path);
  if (path === '') {
    return;
  }
  if (name === OPAQUE) {
    tree.opaque.push(folder);
  } else if (name.startsWith(WHITEOUT)) {
    tree.whiteouts.push(posix.join(folder, name.slice(WHITEOUT.length)));
  } else if (header.type === 'directory') {
    tree.entries.set(path, { type: 'directory' });
  } else if (header.type === 'symlink') {
    tree.entries.set(path, {
      type: 'symlink',
      target: header.linkname ?? '',
    });
  } else {
    tree.entries.set(path, { type: 'file' });
  }
}

/**
 * Reads the folders and links of a layer; contents are passed over.
 *
 * @param blob - the layer as stored
 * @param mediaType - says how it is compressed
 * @throws Error - the stream breaks, or is no such archive
 */
export async function readLayerTree(
  blob: Readable,
  mediaType: string,
): Promise<LayerTree> {
  const tree: LayerTree = { entries: new Map(), whiteouts: [], opaque: [] };
  const archive = extract();
  archive.on('entry', (header, stream, next) => {
    addEntry(tree, header);
    stream.on('end', () => next());
    stream.resume();
  });
  await pipeline(blob, decompressor(mediaType), archive as unknown as Writable);
  return tree;
}
