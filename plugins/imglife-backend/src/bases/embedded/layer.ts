import { gzipSync } from 'node:zlib';
import { digestOf, MediaTypes, type Descriptor } from '@imglife/oci';
import { pack } from 'tar-stream';

/** One entry of a new layer. */
export interface LayerEntry {
  /** without leading `/` */
  path: string;
  type: 'file' | 'directory' | 'symlink';
  /** permission bits */
  mode: number;
  uid: number;
  gid: number;
  /** of a file */
  content?: Uint8Array;
  /** of a symlink */
  target?: string;
}

/** A layer ready to be pushed. */
export interface Layer {
  bytes: Buffer;
  descriptor: Descriptor;
  /** digest of the archive before compression */
  diffId: string;
}

const GZIP_OS_BYTE = 9;
const GZIP_OS_UNKNOWN = 255;

async function archive(
  entries: ReadonlyArray<LayerEntry>,
  created: Date,
): Promise<Buffer> {
  const tar = pack();
  const chunks: Buffer[] = [];
  const read = (async () => {
    for await (const chunk of tar) {
      chunks.push(Buffer.from(chunk as Uint8Array));
    }
  })();
  for (const entry of entries) {
    const directory = entry.type === 'directory';
    tar.entry(
      {
        name: directory ? `${entry.path}/` : entry.path,
        type: entry.type,
        mode: entry.mode,
        uid: entry.uid,
        gid: entry.gid,
        mtime: created,
        linkname: entry.target,
      },
      Buffer.from(entry.content ?? []),
    );
  }
  tar.finalize();
  await read;
  return Buffer.concat(chunks);
}

/**
 * Makes a layer that has the same bytes whenever its entries are the same:
 * sorted by path, numeric owners, times set to `created`.
 *
 * @param created - cut to whole seconds
 */
export async function createLayer(
  entries: ReadonlyArray<LayerEntry>,
  created: Date,
): Promise<Layer> {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const tar = await archive(sorted, created);
  const bytes = gzipSync(tar, { level: 9 });
  // zlib writes the machine's operating system there
  bytes[GZIP_OS_BYTE] = GZIP_OS_UNKNOWN;
  return {
    bytes,
    diffId: digestOf(tar),
    descriptor: {
      mediaType: MediaTypes.ociLayerGzip,
      digest: digestOf(bytes),
      size: bytes.length,
    },
  };
}
