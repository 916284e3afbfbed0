import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import { matchesPatterns } from '../contextPatterns';
import { findSources, type FoundSource } from './findSources';
import type { ImageTree, TreeEntry } from './ImageTree';
import { LayerWriter, type LayerEntry, type Owner } from './LayerWriter';
import type { ModeChange } from './parseMode';

/** A COPY or ADD with its variables replaced. */
export interface CopyInstruction {
  /** absolute; a `/` at its end makes it a folder */
  destination: string;
  /** `--chown` */
  owner?: Owner;
  /** `--chmod` */
  mode?: ModeChange;
  /** `--link` */
  link: boolean;
  /** `--parents`: sources keep the folders they lie in */
  parents: boolean;
  /** `--exclude`, each: of files, or relative to a folder that is copied */
  exclude: ReadonlyArray<string>;
}

/** Where sources are read from. */
export interface CopySources {
  /** as written, relative to the tree */
  words: ReadonlyArray<string>;
  /** the context, a stage or an image */
  from: ImageTree;
  /** names it, for errors */
  where: string;
}

const ROOT: Owner = { uid: 0, gid: 0 };

/** Carries out one COPY or ADD. */
class Copier {
  readonly #copy: CopyInstruction;
  readonly #writer: LayerWriter;
  readonly #into: boolean;
  readonly #destination: string;
  readonly #isExcluded: (path: string) => boolean;

  constructor(copy: CopyInstruction, image: ImageTree) {
    const { destination, owner = ROOT, link, parents, exclude } = copy;
    this.#isExcluded = matchesPatterns(exclude);
    this.#copy = copy;
    this.#writer = new LayerWriter(image, owner, !link);
    this.#destination = posix.join('/', destination).replace(/^\/|\/$/g, '');
    this.#into =
      parents ||
      destination.endsWith('/') ||
      this.#writer.isFolder(this.#destination);
  }

  get entries(): LayerEntry[] {
    return this.#writer.entries;
  }

  /** @throws InputError - several files would have one name */
  checkCount(count: number): void {
    if (count > 1 && !this.#into) {
      throw new InputError(
        `several files need a destination that ends with "/", such as ${
          this.#copy.destination
        }/`,
      );
    }
  }

  /** A folder's content goes to the destination, a file to it or into it. */
  add(found: FoundSource, source: ImageTree): void {
    const { name, entry } = found;
    if (entry.type === 'directory') {
      this.#addFolder(found, source);
    } else if (this.#isExcluded(name)) {
      return;
    } else if (this.#copy.parents) {
      this.#addAbove(found, source);
      this.#writer.addFile(this.#kept(found), this.#owned(entry));
    } else if (this.#into) {
      const target = posix.join(this.#destination, name);
      this.#writer.addFile(target, this.#owned(entry));
    } else {
      const target = this.#writer.resolve(this.#destination);
      this.#writer.addFile(target, this.#owned(entry));
    }
  }

  /**
   * What an archive holds goes into the destination, with its own owners and
   * modes: `--chown` is of the folder alone, as in BuildKit and buildah.
   */
  unpack(archive: ImageTree): void {
    this.#writer.addFolder(this.#destination);
    for (const [path, entry] of archive.walk('')) {
      this.#put(posix.join(this.#destination, path), entry, true);
    }
  }

  #addFolder(found: FoundSource, source: ImageTree): void {
    const { path, entry } = found;
    const { parents, destination, owner } = this.#copy;
    if (parents) {
      this.#addAbove(found, source);
    }
    const target = parents ? this.#kept(found) : this.#destination;
    // as BuildKit does: a folder that is named without "/" is made like the
    // one it is copied from
    const isLike = parents || !destination.endsWith('/');
    const like = parents ? this.#owned(entry) : { ...entry, ...owner };
    this.#writer.addFolder(
      target,
      isLike && like.type === 'directory' ? like : undefined,
    );
    for (const [below, each] of source.walk(path)) {
      const rest = path === '' ? below : below.slice(path.length + 1);
      if (!this.#isExcluded(rest)) {
        this.#put(posix.join(target, rest), this.#owned(each), false);
      }
    }
  }

  #kept({ kept }: FoundSource): string {
    return posix.join(this.#destination, ...kept);
  }

  /** `--parents`: the folders above a source, like those they are copied from. */
  #addAbove({ kept, above }: FoundSource, source: ImageTree): void {
    above.forEach((folder, index) => {
      const entry = source.get(folder);
      if (entry?.type === 'directory') {
        const names = kept.slice(0, index + 1);
        const target = posix.join(this.#destination, ...names);
        this.#put(target, this.#owned(entry), false);
      }
    });
  }

  /** @param replace - whether it takes the place of a folder */
  #put(path: string, entry: TreeEntry, replace: boolean): void {
    if (entry.type === 'directory') {
      this.#writer.addFolder(path, entry);
    } else {
      this.#writer.addFile(path, entry, replace);
    }
  }

  #owned(entry: TreeEntry): TreeEntry {
    const { owner, mode } = this.#copy;
    const changed = { ...entry, ...owner };
    return mode === undefined || changed.type === 'symlink'
      ? changed
      : { ...changed, mode: mode(changed.mode, entry.type === 'directory') };
  }
}

/**
 * The layer of a WORKDIR: its folder, and those it lies in, as far as the
 * image has none.
 *
 * @param folder - absolute
 * @param image - the image so far; the folders are added to it
 */
export function createFolder(
  folder: string,
  image: ImageTree,
  owner: Owner,
): LayerEntry[] {
  const writer = new LayerWriter(image, owner);
  writer.addFolder(folder.replace(/^\/+|\/+$/g, ''));
  return writer.entries;
}

/**
 * The layer of a COPY (Dockerfile reference, COPY).
 *
 * @param image - the image so far; what is copied is added to it
 * @param unpack - the tree of an archive that ADD unpacks; undefined for all
 *   else
 * @throws InputError - a source is not there, or the destination cannot take
 *   it
 */
export async function copyFiles(
  copy: CopyInstruction,
  sources: ReadonlyArray<CopySources>,
  image: ImageTree,
  unpack: (source: FoundSource) => Promise<ImageTree | undefined>,
): Promise<LayerEntry[]> {
  const copier = new Copier(copy, image);
  const found = sources.flatMap(({ words, from, where }) =>
    words.flatMap(word =>
      findSources(word, { tree: from, where, deep: copy.parents }).map(
        source => ({ source, from }),
      ),
    ),
  );
  copier.checkCount(found.length);
  for (const { source, from } of found) {
    const archive = await unpack(source);
    if (archive) {
      copier.unpack(archive);
    } else {
      copier.add(source, from);
    }
  }
  return copier.entries;
}
