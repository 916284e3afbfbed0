import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { InputError } from '@backstage/errors';

/** Content of a file, wherever it is. */
export interface FileContent {
  /** the same key means the same bytes, within one build */
  key: string;
  /** bytes */
  size: number;
  open(): Promise<Readable>;
  /** several contents of one archive are read in one go */
  archive?: { extract(keys: ReadonlyArray<string>): Promise<void> };
}

interface Owned {
  uid: number;
  gid: number;
}

/** What is at a path. */
export type TreeEntry =
  | (Owned & { type: 'directory'; mode: number })
  | (Owned & { type: 'symlink'; target: string })
  | (Owned & { type: 'file'; mode: number; content: FileContent })
  | (Owned & {
      type: 'character-device' | 'block-device' | 'fifo';
      mode: number;
      major: number;
      minor: number;
    });

/** Another name of a file, in the same archive or below it. */
export interface HardLink {
  type: 'link';
  target: string;
}

/** What one layer does to the tree below it. */
export interface LayerTree {
  /** paths without leading `/`, in the archive's order */
  entries: Array<[string, TreeEntry | HardLink]>;
  /** removed from the layers below (OCI image-spec layer.md, Whiteouts) */
  whiteouts: string[];
  /** folders whose content in the layers below is hidden */
  opaque: string[];
}

interface Node {
  entry: TreeEntry;
  children: Map<string, Node>;
}

const MAX_LINKS = 40;
const FOLDER: TreeEntry = { type: 'directory', mode: 0o755, uid: 0, gid: 0 };

function partsOf(path: string): string[] {
  return path.split('/').filter(part => part !== '');
}

function cloneNode({ entry, children }: Node): Node {
  const copies = [...children].map(
    ([name, child]) => [name, cloneNode(child)] as const,
  );
  return { entry, children: new Map(copies) };
}

/**
 * The files of an image, a stage or a context, so that what is copied goes
 * where a running container would find it: `/bin` is a link to `usr/bin` in
 * Debian, and an entry for the folder `bin` in a layer would replace that
 * link. Paths have no leading `/`; the root is empty.
 */
export class ImageTree {
  #root: Node;

  static create(): ImageTree {
    return new ImageTree({ entry: FOLDER, children: new Map() });
  }

  private constructor(root: Node) {
    this.#root = root;
  }

  clone(): ImageTree {
    return new ImageTree(cloneNode(this.#root));
  }

  /** Lays a layer over what is there. */
  apply(layer: LayerTree): void {
    for (const folder of layer.opaque) {
      this.#find(folder)?.children.clear();
    }
    for (const path of layer.whiteouts) {
      this.remove(path);
    }
    for (const [path, entry] of layer.entries) {
      const found = entry.type === 'link' ? this.get(entry.target) : entry;
      if (found) {
        this.set(path, found);
      }
    }
  }

  get(path: string): TreeEntry | undefined {
    return this.#find(path)?.entry;
  }

  typeOf(path: string): TreeEntry['type'] | undefined {
    return this.get(path)?.type;
  }

  /** Names in a folder, in order; empty for anything else. */
  names(path: string): string[] {
    return [...(this.#find(path)?.children.keys() ?? [])].sort();
  }

  /**
   * Puts an entry in. A folder keeps what is in the folder it replaces;
   * anything else replaces what is there, with all it holds. Folders above,
   * which an archive need not list, are made.
   */
  set(path: string, entry: TreeEntry): void {
    const parts = partsOf(path);
    const name = parts.pop();
    if (name === undefined) {
      this.#root.entry = entry.type === 'directory' ? entry : FOLDER;
      return;
    }
    let node = this.#root;
    for (const part of parts) {
      let child = node.children.get(part);
      if (child?.entry.type !== 'directory') {
        child = { entry: FOLDER, children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    const before = node.children.get(name);
    const both =
      entry.type === 'directory' && before?.entry.type === 'directory';
    node.children.set(name, {
      entry,
      children: both ? before.children : new Map(),
    });
  }

  remove(path: string): void {
    this.#find(posix.dirname(`/${path}`))?.children.delete(
      posix.basename(path),
    );
  }

  /** All below a folder, each folder before its content. */
  *walk(path: string): Generator<[string, TreeEntry]> {
    for (const name of this.names(path)) {
      const below = posix.join(path, name);
      const entry = this.get(below);
      if (entry) {
        yield [below, entry];
        yield* this.walk(below);
      }
    }
  }

  /**
   * Follows every link of a path that leads to something or to nothing yet; a
   * link cannot lead above the root.
   *
   * @throws InputError - links lead in a circle
   */
  resolve(path: string): string {
    let rest = partsOf(posix.join('/', path));
    let done = '';
    let links = 0;
    while (rest.length) {
      const [part, ...others] = rest;
      const here = posix.join(done, part);
      const entry = this.get(here);
      if (entry?.type === 'symlink') {
        if (++links > MAX_LINKS) {
          throw new InputError(`links lead in a circle at /${here}`);
        }
        const from = entry.target.startsWith('/') ? '/' : `/${done}`;
        rest = [...partsOf(posix.join(from, entry.target)), ...others];
        done = '';
      } else {
        done = here;
        rest = others;
      }
    }
    return done;
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const part of partsOf(path)) {
      node = node?.children.get(part);
    }
    return node;
  }
}
