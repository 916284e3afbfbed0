import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import type { ImageTree, TreeEntry } from './ImageTree';

/** One entry of a new layer; the path has no leading `/`. */
export type LayerEntry = TreeEntry & { path: string };

/** Numeric owner of a file. */
export interface Owner {
  uid: number;
  gid: number;
}

type Folder = Extract<TreeEntry, { type: 'directory' }>;

/**
 * Collects the entries of one layer, and lays them over the image at once.
 * Folders the image has keep their mode and owner; those that are missing are
 * made.
 */
export class LayerWriter {
  readonly #tree: ImageTree;
  readonly #owner: Owner;
  readonly #follow: boolean;
  readonly #entries = new Map<string, LayerEntry>();

  /**
   * @param owner - of folders that are missing
   * @param follow - false for `--link`: a link in the way is replaced by a
   *   folder instead of being followed
   */
  constructor(tree: ImageTree, owner: Owner, follow = true) {
    this.#tree = tree;
    this.#owner = owner;
    this.#follow = follow;
  }

  get entries(): LayerEntry[] {
    return [...this.#entries.values()];
  }

  /** Where a path leads in the image. */
  resolve(path: string): string {
    return this.#follow
      ? this.#tree.resolve(path)
      : posix.join('/', path).replace(/^\/|\/$/g, '');
  }

  isFolder(path: string): boolean {
    return this.#tree.typeOf(this.resolve(path)) === 'directory';
  }

  /**
   * Makes a folder where there is none, and those it lies in.
   *
   * @param folder - what it is to be like; as those above when missing
   * @returns where it is
   * @throws InputError - a file is in the way
   */
  addFolder(path: string, folder?: Folder): string {
    const real = this.resolve(path);
    const parts = real === '' ? [] : real.split('/');
    parts.forEach((_, index) => {
      const here = parts.slice(0, index + 1).join('/');
      const type = this.#tree.typeOf(here);
      if (type === 'directory') {
        return;
      }
      if (type !== undefined && (this.#follow || type !== 'symlink')) {
        throw new InputError(`/${here} is a file in the image`);
      }
      const own = index === parts.length - 1 ? folder : undefined;
      const plain = { type: 'directory', mode: 0o755, ...this.#owner } as const;
      this.#add(here, own ?? plain);
    });
    return real;
  }

  /**
   * Puts in what is no folder, in place of what is there.
   *
   * @param replace - whether it takes the place of a folder
   * @throws InputError - a folder is there
   */
  addFile(path: string, entry: TreeEntry, replace = false): void {
    const folder = posix.dirname(path);
    const real = posix.join(
      this.addFolder(folder === '.' ? '' : folder),
      posix.basename(path),
    );
    if (this.#tree.typeOf(real) === 'directory') {
      if (!replace) {
        throw new InputError(
          `/${real} is a folder in the image, and what is to be copied there is none`,
        );
      }
      this.#forget(real);
    }
    this.#add(real, entry);
  }

  #add(path: string, entry: TreeEntry): void {
    this.#entries.set(path, { ...entry, path });
    this.#tree.set(path, entry);
  }

  #forget(folder: string): void {
    for (const path of this.#entries.keys()) {
      if (path.startsWith(`${folder}/`)) {
        this.#entries.delete(path);
      }
    }
  }
}
