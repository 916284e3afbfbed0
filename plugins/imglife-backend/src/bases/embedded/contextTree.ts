import { Readable } from 'node:stream';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import { digestOf } from '@imglife/oci';
import { ImageTree, type FileContent, type TreeEntry } from './ImageTree';

const ROOT = { uid: 0, gid: 0 };

/** Content that is in memory. */
export function contentOf(bytes: Buffer): FileContent {
  return {
    key: digestOf(bytes),
    size: bytes.length,
    open: async () => Readable.from([bytes]),
  };
}

/** One entry of a build context; root's. */
export function contextEntry(file: ContextFile): TreeEntry {
  switch (file.type) {
    case 'directory':
      return { type: 'directory', mode: file.mode, ...ROOT };
    case 'symlink':
      return { type: 'symlink', target: file.target, ...ROOT };
    default: {
      const content: FileContent = {
        key: `context:${file.path}`,
        size: file.size,
        open: async () =>
          file.open?.() ?? Readable.from([Buffer.from(await file.read())]),
      };
      return { type: 'file', mode: file.mode, ...ROOT, content };
    }
  }
}

/** A build context as a tree; all of it is root's, as in any builder. */
export function contextTree(files: ReadonlyArray<ContextFile>): ImageTree {
  const tree = ImageTree.create();
  for (const file of files) {
    tree.set(file.path, contextEntry(file));
  }
  return tree;
}
