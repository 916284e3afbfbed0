import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import type { ExportList } from '@imglife/backstage-plugin-imglife-common';
import { extract, type Header } from 'tar-stream';
import { UsageError } from './UsageError';

const LIST = 'export.json';
const MAX_LIST_BYTES = 16 * 1024 ** 2;
const MAX_BYTES = 4 * 1024 ** 3 + MAX_LIST_BYTES;

/** One entry of an archive, to be read before the next. */
type Entry = Readable & { header: Header };

/**
 * A path of an archive that stays below the folder it is written to.
 *
 * @throws UsageError - it does not
 */
function safePath(name: string): string {
  const path = name.replace(/\/$/, '');
  const parts = path.split('/');
  const isUnsafe = parts.some(
    part => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part),
  );
  if (isUnsafe) {
    throw new UsageError(
      `the portal sent a file that would lie outside the folder: ${JSON.stringify(
        name,
      )}; nothing was written`,
    );
  }
  return path;
}

async function readList(entry: Entry): Promise<ExportList> {
  const { name, size = 0 } = entry.header;
  if (name !== LIST || size > MAX_LIST_BYTES) {
    throw new UsageError(`the portal sent no ${LIST}; nothing was written`);
  }
  const list: unknown = JSON.parse(await text(entry));
  if (!isList(list)) {
    throw new UsageError(
      `the portal sent an ${LIST} that this version does not know; nothing was written`,
    );
  }
  list.folders.forEach(safePath);
  return list;
}

// by hand: what checks schemas is half of the time that the program starts in
function isList(value: unknown): value is ExportList {
  const { items, folders, entries } = Object(value);
  return (
    Array.isArray(items) &&
    items.every(item => typeof Object(item).reference === 'string') &&
    Array.isArray(folders) &&
    folders.every(folder => typeof folder === 'string') &&
    typeof entries === 'number'
  );
}

/** Everything of the archive, in order; the list is read first. */
async function eachEntry(
  archive: ReadableStream<Uint8Array>,
  onEntry: (entry: Entry) => Promise<void>,
): Promise<ExportList> {
  const tar = extract();
  let list: ExportList | undefined;
  let bytes = 0;
  let count = 0;
  const source = Readable.fromWeb(archive as WebStream<Uint8Array>);
  const sending = pipeline(source, tar as unknown as Writable);
  // what breaks the one breaks the other, which says why
  sending.catch(() => {});
  for await (const each of tar) {
    const entry = each as unknown as Entry;
    bytes += entry.header.size ?? 0;
    if (bytes > MAX_BYTES) {
      throw new UsageError(
        `the portal sends more than ${MAX_BYTES} bytes; name one base`,
      );
    }
    if (list) {
      await onEntry(entry);
      count += 1;
    } else {
      list = await readList(entry);
    }
    entry.resume();
  }
  await sending;
  if (!list) {
    throw new UsageError('the portal sent an empty archive');
  }
  if (count !== list.entries) {
    throw new Error(`its archive broke off after ${count} of ${list.entries}`);
  }
  return list;
}

/** Reads only what is in the archive. */
export async function readExport(
  archive: ReadableStream<Uint8Array>,
): Promise<ExportList> {
  return eachEntry(archive, async () => {});
}

/**
 * Unpacks into a new folder. Links come last, so that nothing is written
 * through one.
 */
async function unpack(
  archive: ReadableStream<Uint8Array>,
  folder: string,
): Promise<ExportList> {
  const links: Array<{ file: string; target: string }> = [];
  const list = await eachEntry(archive, async entry => {
    const { name, type, mode, linkname } = entry.header;
    const file = join(folder, safePath(name));
    await mkdir(type === 'directory' ? file : dirname(file), {
      recursive: true,
    });
    if (type === 'symlink') {
      links.push({ file, target: linkname ?? '' });
    } else if (type === 'file') {
      const sink = createWriteStream(file, { flags: 'wx', mode });
      await pipeline(entry, sink);
    } else if (type !== 'directory') {
      throw new UsageError(
        `the portal sent ${name}, which is neither file, folder nor link`,
      );
    }
  });
  for (const { file, target } of links) {
    await symlink(target, file);
  }
  return list;
}

async function replaceFolder(from: string, to: string): Promise<void> {
  const isThere = await stat(to).catch(() => undefined);
  const isOurs = await stat(join(to, 'build.json')).catch(() => undefined);
  if (isThere && !isOurs) {
    throw new UsageError(`${to} is there already, and not from an export`);
  }
  await rm(to, { recursive: true, force: true });
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}

/**
 * Writes an export into a folder, which is made when it is missing. A folder
 * of an earlier export is replaced once the new one is whole; others stay.
 *
 * @param folder - absolute
 * @throws UsageError - the folder cannot be written, or the archive would
 *   write elsewhere
 */
export async function unpackExport(
  archive: ReadableStream<Uint8Array>,
  folder: string,
): Promise<ExportList> {
  let unpacked: string | undefined;
  try {
    await mkdir(folder, { recursive: true });
    // beside where it goes, so that it can be renamed
    unpacked = await mkdtemp(join(folder, '.imglife-'));
    const list = await unpack(archive, unpacked);
    for (const each of list.folders) {
      await replaceFolder(join(unpacked, each), join(folder, each));
    }
    return list;
  } catch (error) {
    const { path, code, message } = error as NodeJS.ErrnoException;
    if (path !== undefined || code === 'ENOSPC') {
      throw new UsageError(`cannot write to ${folder}: ${message}`);
    }
    throw error;
  } finally {
    if (unpacked) {
      await rm(unpacked, { recursive: true, force: true });
    }
  }
}
