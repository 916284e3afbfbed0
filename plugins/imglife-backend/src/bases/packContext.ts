import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import { extract, pack, type Header } from 'tar-stream';
import type { PreparedBase } from './BaseTagPlan';
import type { PublishedContext } from './BaseStore';

/** Largest packed context that is kept, in bytes. */
export const MAX_KEPT_BYTES = 1024 * 1024;
/** Contexts with more contents than this are not even packed, in bytes. */
const MAX_PLAIN_BYTES = 16 * 1024 * 1024;
/** What the tar format adds to contents. */
const MAX_TAR_BYTES = 4 * MAX_PLAIN_BYTES;

const MODES = 0o7777;

/**
 * Packs a context as a compressed tar, in memory.
 *
 * @returns undefined when it is too large to be kept
 * @throws Error - a file cannot be read
 */
export async function packContext(
  files: ReadonlyArray<ContextFile>,
): Promise<Buffer | undefined> {
  const size = files.reduce(
    (sum, file) => sum + (file.type === 'file' ? file.size : 0),
    0,
  );
  if (size > MAX_PLAIN_BYTES) {
    return undefined;
  }
  const archive = pack();
  for (const file of files) {
    const { type, path: name } = file;
    if (file.type === 'file') {
      const content = await file.read();
      archive.entry({ type, name, mode: file.mode }, Buffer.from(content));
    } else if (file.type === 'symlink') {
      archive.entry({ type, name, linkname: file.target });
    } else {
      archive.entry({ type, name, mode: file.mode });
    }
  }
  archive.finalize();
  const packed = await promisify(gzip)(await buffer(archive));
  return packed.length > MAX_KEPT_BYTES ? undefined : packed;
}

function toFile(header: Header, content: Buffer): ContextFile {
  const path = header.name.replace(/\/$/, '');
  const mode = (header.mode ?? 0) & MODES;
  switch (header.type) {
    case 'directory':
      return { type: 'directory', path, mode };
    case 'symlink':
      return { type: 'symlink', path, target: header.linkname ?? '' };
    default: {
      const size = content.length;
      const open = () => Readable.from([content]);
      return {
        type: 'file',
        path,
        mode,
        size,
        open,
        read: async () => content,
      };
    }
  }
}

/** The context that {@link packContext} has packed. */
export async function unpackContext(packed: Buffer): Promise<ContextFile[]> {
  const tar = await promisify(gunzip)(packed, {
    maxOutputLength: MAX_TAR_BYTES,
  });
  const archive = extract();
  archive.end(tar);
  const files: ContextFile[] = [];
  for await (const entry of archive) {
    const chunks: Uint8Array[] = [];
    const contents = entry as AsyncIterable<unknown>;
    for await (const chunk of contents) {
      chunks.push(chunk as Uint8Array);
    }
    files.push(toFile(entry.header, Buffer.concat(chunks)));
  }
  return files;
}

/**
 * The context that a base was published with, as it is recorded. One that
 * cannot be packed any more is not kept: the base is published all the same.
 */
export async function publishedContext(
  prepared: Pick<PreparedBase, 'files' | 'inputs' | 'revision' | 'committedAt'>,
): Promise<PublishedContext> {
  const { files, inputs, revision, committedAt } = prepared;
  return {
    hash: inputs.context,
    revision,
    committedAt,
    packed: await packContext(files).catch(() => undefined),
  };
}
