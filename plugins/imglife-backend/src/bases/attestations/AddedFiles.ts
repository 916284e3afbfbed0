import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { AddedFile } from './ImageInventory';
import type { LayerEntry } from './layerEntries';

/** More files than this are not listed one by one. */
export const MAX_FILES = 10_000;

async function hashEntry(content: LayerEntry['content']) {
  const [sha1, sha256] = [createHash('sha1'), createHash('sha256')];
  let size = 0;
  for await (const chunk of content) {
    sha1.update(chunk);
    sha256.update(chunk);
    size += chunk.length;
  }
  return { size, sha1: sha1.digest('hex'), sha256: sha256.digest('hex') };
}

/**
 * What layers add to those below them: files with their hashes, later layers
 * over earlier ones. Contents are hashed as they stream by; none is kept.
 */
export class AddedFiles {
  readonly #files = new Map<string, AddedFile>();
  readonly #maxFiles: number;
  #tooMany = false;

  /** @param options - `maxFiles`: {@link MAX_FILES} when missing */
  static create(options: { maxFiles?: number } = {}): AddedFiles {
    return new AddedFiles(options.maxFiles ?? MAX_FILES);
  }

  private constructor(maxFiles: number) {
    this.#maxFiles = maxFiles;
  }

  /** Sorted by path; undefined when they are more than are listed. */
  get list(): AddedFile[] | undefined {
    return this.#tooMany
      ? undefined
      : [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Lays an entry of a layer over what is below. */
  async add(entry: LayerEntry, layer: string): Promise<void> {
    if (this.#tooMany) {
      return;
    }
    const path = `/${entry.path}`;
    if (entry.hides) {
      this.#remove(path, layer);
    } else if (entry.type === 'file') {
      const content = await hashEntry(entry.content);
      this.#remove(path, layer);
      this.#files.set(path, { path, ...content, layer });
    } else if (entry.type === 'link') {
      // a link to a file of the layers below has no content here
      const target = this.#files.get(`/${entry.target}`);
      if (target) {
        this.#files.set(path, { ...target, path, layer });
      }
    } else if (entry.type !== 'directory') {
      this.#remove(path, layer);
      this.#files.delete(path);
    }
    if (this.#files.size > this.#maxFiles) {
      this.#tooMany = true;
      this.#files.clear();
    }
  }

  /** What a path stands for in the layers below is gone, with all below it. */
  #remove(path: string, layer: string): void {
    for (const [each, file] of this.#files) {
      const isGone = each === path || each.startsWith(posix.join(path, '/'));
      if (isGone && file.layer !== layer) {
        this.#files.delete(each);
      }
    }
  }
}
