import { posix } from 'node:path';

/** What one layer does to the folders and links below it. */
export interface LayerTree {
  /** paths without leading `/`; `file` stands for all that is neither */
  entries: Map<string, TreeEntry>;
  /** removed from the layers below (OCI image-spec layer.md, Whiteouts) */
  whiteouts: string[];
  /** folders whose content in the layers below is hidden */
  opaque: string[];
}

/** A folder, a link or something else. */
export type TreeEntry =
  | { type: 'directory' }
  | { type: 'symlink'; target: string }
  | { type: 'file' };

const MAX_LINKS = 40;

/**
 * The folders and links of an image, so that what is copied goes where a
 * running container would find it: `/bin` is a link to `usr/bin` in Debian,
 * and an entry for the folder `bin` in a layer would replace that link.
 */
export class ImageTree {
  readonly #entries = new Map<string, TreeEntry>();

  static create(): ImageTree {
    return new ImageTree();
  }

  private constructor() {}

  /** Lays a layer over what is there. */
  apply(layer: LayerTree): void {
    for (const folder of layer.opaque) {
      this.#removeBelow(folder);
    }
    for (const path of layer.whiteouts) {
      this.#entries.delete(path);
      this.#removeBelow(path);
    }
    for (const [path, entry] of layer.entries) {
      this.#addParents(path);
      if (entry.type === 'directory') {
        this.#entries.set(path, entry);
        continue;
      }
      if (this.#entries.get(path)?.type === 'directory') {
        this.#removeBelow(path);
      }
      this.#entries.set(path, entry);
    }
  }

  /** Undefined when nothing is known there; files of lower layers are. */
  typeOf(path: string): TreeEntry['type'] | undefined {
    const entry = this.#entries.get(path);
    return path === '' ? 'directory' : entry?.type;
  }

  addDirectory(path: string): void {
    this.#entries.set(path, { type: 'directory' });
  }

  addFile(path: string): void {
    this.#entries.set(path, { type: 'file' });
  }

  /**
   * Follows every link of a path that leads to a folder or to nothing yet.
   *
   * @param path - without leading `/`
   * @throws Error - links lead in a circle
   */
  resolve(path: string): string {
    let rest = path.split('/').filter(part => part !== '');
    let done = '';
    let links = 0;
    while (rest.length) {
      const [part, ...others] = rest;
      const here = posix.join(done, part);
      const entry = this.#entries.get(here);
      if (entry?.type === 'symlink') {
        if (++links > MAX_LINKS) {
          throw new Error(`links lead in a circle at /${here}`);
        }
        // from the root for an absolute link, and never above it
        const target = posix.join('/', done, '.').slice(1);
        const from = entry.target.startsWith('/') ? '/' : `/${target}`;
        const parts = posix.join(from, entry.target).split('/');
        rest = [...parts.filter(each => each !== ''), ...others];
        done = '';
      } else {
        done = here;
        rest = others;
      }
    }
    return done;
  }

  // An archive need not list the folders its entries lie in.
  #addParents(path: string): void {
    const parts = path.split('/').slice(0, -1);
    parts.forEach((_, index) => {
      const folder = parts.slice(0, index + 1).join('/');
      if (!this.#entries.has(folder)) {
        this.addDirectory(folder);
      }
    });
  }

  #removeBelow(folder: string): void {
    const prefix = folder === '' ? '' : `${folder}/`;
    for (const path of this.#entries.keys()) {
      if (path.startsWith(prefix)) {
        this.#entries.delete(path);
      }
    }
  }
}
