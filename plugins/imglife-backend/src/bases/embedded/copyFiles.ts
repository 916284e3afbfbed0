import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import { pathPattern } from '../contextPatterns';
import type { ImageTree } from './ImageTree';
import type { LayerEntry } from './layer';

/** A COPY with its variables replaced. */
export interface CopyInstruction {
  /** as written, relative to the context; `*` and `?` within a part */
  sources: string[];
  /** absolute; a `/` at its end makes it a folder */
  destination: string;
  uid: number;
  gid: number;
  /** `--chmod`, permission bits */
  mode?: number;
}

const MAX_LINKS = 40;

function withoutSlash(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

// `..` cannot leave the context.
function cleanSource(source: string): string {
  return withoutSlash(posix.join('/', source));
}

/** Files a source names; a link is followed within the context. */
function findSources(
  source: string,
  files: ReadonlyArray<ContextFile>,
): ContextFile[] {
  const path = cleanSource(source);
  if (path === '') {
    return [{ type: 'directory', path: '', mode: 0o755 }];
  }
  const pattern = /[*?]/.test(path) ? pathPattern(path) : undefined;
  const found = files.filter(file =>
    pattern ? pattern.test(file.path) : file.path === path,
  );
  return found.map(file => {
    let followed: ContextFile | undefined = file;
    for (let links = 0; followed?.type === 'symlink'; links++) {
      const next: string = cleanSource(
        posix.join(posix.dirname(followed.path), followed.target),
      );
      followed =
        links < MAX_LINKS ? files.find(each => each.path === next) : undefined;
    }
    if (!followed) {
      throw new InputError(`${source} is a link to what is not in the context`);
    }
    return followed;
  });
}

/** Collects the entries of one layer and makes the folders they need. */
class LayerWriter {
  readonly #copy: CopyInstruction;
  readonly #tree: ImageTree;
  readonly #entries = new Map<string, LayerEntry>();

  constructor(copy: CopyInstruction, tree: ImageTree) {
    this.#copy = copy;
    this.#tree = tree;
  }

  get entries(): LayerEntry[] {
    return [...this.#entries.values()];
  }

  addFolder(path: string, mode = 0o755): string {
    const real = this.#tree.resolve(path);
    const parts = real === '' ? [] : real.split('/');
    parts.forEach((_, index) => {
      const folder = parts.slice(0, index + 1).join('/');
      const type = this.#tree.typeOf(folder);
      if (type === 'file') {
        throw new InputError(`/${folder} is a file in the image`);
      }
      if (type === undefined) {
        const own = index === parts.length - 1;
        this.#add(folder, { type: 'directory', mode: own ? mode : 0o755 });
        this.#tree.addDirectory(folder);
      }
    });
    return real;
  }

  async addFile(
    path: string,
    file: Exclude<ContextFile, { type: 'directory' }>,
  ): Promise<void> {
    const folder = posix.dirname(path);
    const real = posix.join(
      this.addFolder(folder === '.' ? '' : folder),
      posix.basename(path),
    );
    if (this.#tree.typeOf(real) === 'directory') {
      throw new InputError(
        `/${real} is a folder in the image, and ${file.path} is none`,
      );
    }
    if (file.type === 'symlink') {
      this.#add(real, { type: 'symlink', mode: 0o777, target: file.target });
    } else {
      this.#add(real, {
        type: 'file',
        mode: this.#copy.mode ?? file.mode,
        content: await file.read(),
      });
    }
    this.#tree.addFile(real);
  }

  #add(path: string, entry: Omit<LayerEntry, 'path' | 'uid' | 'gid'>): void {
    const { uid, gid } = this.#copy;
    this.#entries.set(path, { ...entry, path, uid, gid });
  }
}

async function copyFolder(
  folder: string,
  destination: string,
  files: ReadonlyArray<ContextFile>,
  writer: LayerWriter,
  mode: number | undefined,
): Promise<void> {
  writer.addFolder(destination);
  const prefix = folder === '' ? '' : `${folder}/`;
  for (const file of files) {
    if (file.path.startsWith(prefix)) {
      const path = posix.join(destination, file.path.slice(prefix.length));
      if (file.type === 'directory') {
        writer.addFolder(path, mode ?? file.mode);
      } else {
        await writer.addFile(path, file);
      }
    }
  }
}

/**
 * The layer of a WORKDIR: its folder, and those it lies in, as far as the
 * image has none.
 *
 * @param folder - absolute
 * @param tree - the image so far; the folders are added to it
 */
export function createFolder(folder: string, tree: ImageTree): LayerEntry[] {
  const root = { sources: [], destination: folder, uid: 0, gid: 0 };
  const writer = new LayerWriter(root, tree);
  writer.addFolder(withoutSlash(folder));
  return writer.entries;
}

/**
 * The layer of a COPY: a file goes to the destination, or into it when that is
 * a folder or ends with `/`; of a folder, its content is copied (Dockerfile
 * reference, COPY).
 *
 * @param files - the context, folders before their content
 * @param tree - the image so far; what is copied is added to it
 * @throws InputError - a source is not in the context, or the destination
 *   cannot take it
 */
export async function copyFiles(
  copy: CopyInstruction,
  files: ReadonlyArray<ContextFile>,
  tree: ImageTree,
): Promise<LayerEntry[]> {
  const writer = new LayerWriter(copy, tree);
  const destination = withoutSlash(posix.normalize(copy.destination));
  const found = copy.sources.flatMap(source => {
    const matches = findSources(source, files);
    if (!matches.length) {
      throw new InputError(`${source} is not in the context`);
    }
    return matches.map(file => ({ file, name: posix.basename(source) }));
  });
  const into =
    copy.destination.endsWith('/') ||
    tree.typeOf(tree.resolve(destination)) === 'directory';
  if (found.length > 1 && !into) {
    throw new InputError(
      `several files need a destination that ends with "/", such as ${copy.destination}/`,
    );
  }
  for (const { file, name } of found) {
    if (file.type === 'directory') {
      await copyFolder(file.path, destination, files, writer, copy.mode);
    } else {
      // a link's own name, where the source has no wildcard
      const base = /[*?]/.test(name) ? posix.basename(file.path) : name;
      await writer.addFile(
        into ? posix.join(destination, base) : destination,
        file,
      );
    }
  }
  return writer.entries;
}
