import { constants, type Dirent } from 'node:fs';
import {
  lstat,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
} from 'node:fs/promises';
import { Readable } from 'node:stream';
import { isAbsolute, join, relative } from 'node:path';
import { ForwardedError, InputError } from '@backstage/errors';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import { ignoredPaths } from './contextPatterns';

/** Most bytes of a context: 2 GiB. */
export const MAX_CONTEXT_BYTES = 2 * 1024 ** 3;
/** Most files and folders of a context. */
export const MAX_CONTEXT_ENTRIES = 20_000;
// What became a link since it was listed is not followed out of the context.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW;

const IGNORE = '.dockerignore';

function unlessAbsent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
    throw error;
  }
}

/** The template's own file of that kind goes before the context's. */
async function readIgnored(
  folder: string,
  ownIgnore: string | undefined,
): Promise<string> {
  const read = (name: string) =>
    readFile(join(folder, name), 'utf8').catch(unlessAbsent);
  const own = ownIgnore === undefined ? undefined : await read(ownIgnore);
  return own ?? (await read(IGNORE)) ?? '';
}

async function* pieces(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file, FLAGS);
  yield* handle.createReadStream();
}

async function contextFile(
  folder: string,
  path: string,
  entry: Dirent,
): Promise<ContextFile | undefined> {
  const file = join(folder, path);
  if (entry.isDirectory()) {
    return { type: 'directory', path, mode: 0o755 };
  }
  if (entry.isSymbolicLink()) {
    return { type: 'symlink', path, target: await readlink(file) };
  }
  if (!entry.isFile()) {
    return undefined;
  }
  const { mode, size } = await lstat(file);
  // as git keeps modes, so that the umask of a checkout changes no digest
  const executable = (mode & 0o100) !== 0;
  return {
    type: 'file',
    path,
    mode: executable ? 0o755 : 0o644,
    size,
    read: () => readFile(file, { flag: FLAGS }),
    open: () => Readable.from(pieces(file)),
  };
}

async function listFolder(folder: string): Promise<ContextFile[]> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  if (entries.length > MAX_CONTEXT_ENTRIES) {
    throw new InputError(
      `The context ${folder} has over ${MAX_CONTEXT_ENTRIES} entries; is it the right folder?`,
    );
  }
  const files: ContextFile[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
      .slice(join(folder, '/').length)
      .replaceAll('\\', '/');
    const file = await contextFile(folder, path, entry);
    if (file) {
      files.push(file);
    }
  }
  return files;
}

/**
 * A file of a context that is named in the configuration.
 *
 * @param folder - absolute
 * @throws InputError - it is not there, or lies outside the folder, by `..` or
 *   by a link
 */
export async function contextPath(
  folder: string,
  path: string,
): Promise<string> {
  const file = join(folder, path);
  try {
    const inside = relative(await realpath(folder), await realpath(file));
    if (inside.startsWith('..') || isAbsolute(inside)) {
      throw new InputError(`${file} lies outside the context ${folder}`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new InputError(`There is no file ${file}`);
    }
    throw error;
  }
  return file;
}

function withFolders(kept: ContextFile[], all: ContextFile[]): ContextFile[] {
  // a folder that is left out stays when something within is taken in again
  const needed = new Set(
    kept.flatMap(({ path }) =>
      path.split('/').map((_, index, parts) => parts.slice(0, index).join('/')),
    ),
  );
  const folders = all.filter(
    file => file.type === 'directory' && needed.has(file.path),
  );
  return [...new Set([...kept, ...folders])];
}

/**
 * Lists a build context, in byte order of the paths. `.dockerignore` is
 * heeded, or where it is there the one of the template, such as
 * `Dockerfile.tmpl.dockerignore`; they and the template are no content.
 *
 * @param folder - absolute
 * @param template - file name of the template within the folder
 * @throws InputError - there is no such folder, or it is too large
 * @public
 */
export async function readContext(
  folder: string,
  template?: string,
): Promise<ContextFile[]> {
  let listed: ContextFile[];
  let ignore: string;
  const own = template?.replace(/^\.\//, '');
  const ownIgnore = own && `${own}${IGNORE}`;
  try {
    listed = await listFolder(folder);
    ignore = await readIgnored(folder, ownIgnore);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new InputError(`There is no context folder ${folder}`);
    }
    throw error instanceof InputError
      ? error
      : new ForwardedError(`Cannot read the context ${folder}`, error);
  }
  const ignored = ignoredPaths(ignore);
  const kept = listed.filter(
    ({ path }) => ![IGNORE, own, ownIgnore].includes(path) && !ignored(path),
  );
  const files = withFolders(kept, listed);
  const bytes = files.reduce(
    (sum, file) => sum + (file.type === 'file' ? file.size : 0),
    0,
  );
  if (bytes > MAX_CONTEXT_BYTES) {
    throw new InputError(
      `The context ${folder} holds ${bytes} bytes, over ${MAX_CONTEXT_BYTES}; leave files out by .dockerignore`,
    );
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
