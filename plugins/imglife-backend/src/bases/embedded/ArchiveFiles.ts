import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import type { BuildSpool } from './BuildSpool';
import type { HardLink, LayerTree, TreeEntry } from './ImageTree';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
// Read along with the list, for --chown asks for them.
const ACCOUNTS = ['etc/passwd', 'etc/group'];
const MAX_ACCOUNTS = 1024 * 1024;

/** What {@link ArchiveFiles} works with. */
export interface ArchiveFilesOptions {
  /** the same key means the same archive, within one build */
  key: string;
  /** the archive from its beginning, decompressed; asked for each pass */
  open(): Promise<Readable>;
  spool: BuildSpool;
}

interface Piece {
  file: string;
  start: number;
  size: number;
}

interface ArchiveEntry extends AsyncIterable<Uint8Array> {
  header: Header;
  resume(): unknown;
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function pathOf(name: string): string {
  return posix.join('/', name).replace(/^\/|\/$/g, '');
}

/**
 * The files of a tar archive: a layer, or what ADD unpacks. Listing reads the
 * archive once and keeps no content; contents that are wanted are read in a
 * second pass, onto the disk.
 */
export class ArchiveFiles {
  readonly #options: ArchiveFilesOptions;
  readonly #pieces = new Map<string, Piece>();
  readonly #accounts = new Map<string, Buffer>();

  static create(options: ArchiveFilesOptions): ArchiveFiles {
    return new ArchiveFiles(options);
  }

  private constructor(options: ArchiveFilesOptions) {
    this.#options = options;
  }

  /** @throws Error - the stream breaks, or is no such archive */
  async list(): Promise<LayerTree> {
    const tree: LayerTree = { entries: [], whiteouts: [], opaque: [] };
    await this.#eachEntry(async (key, entry) => {
      const { header } = entry;
      const path = pathOf(header.name);
      if (ACCOUNTS.includes(path) && (header.size ?? 0) <= MAX_ACCOUNTS) {
        this.#accounts.set(key, await readAll(entry));
      }
      this.#addEntry(tree, path, header, key);
    });
    return tree;
  }

  /** Reads contents in one pass, so that they can be opened. */
  async extract(keys: ReadonlyArray<string>): Promise<void> {
    const wanted = new Set(
      keys.filter(key => !this.#pieces.has(key) && !this.#accounts.has(key)),
    );
    if (!wanted.size) {
      return;
    }
    const file = await this.#options.spool.file();
    const handle = await open(file, 'wx', 0o600);
    try {
      await this.#fill(handle, file, wanted);
    } finally {
      await handle.close();
    }
  }

  async #fill(
    handle: FileHandle,
    file: string,
    wanted: ReadonlySet<string>,
  ): Promise<void> {
    let at = 0;
    await this.#eachEntry(async (key, entry) => {
      if (wanted.has(key)) {
        const start = at;
        for await (const chunk of entry) {
          await handle.write(chunk);
          at += chunk.length;
        }
        this.#pieces.set(key, { file, start, size: at - start });
      }
    });
  }

  async #open(key: string): Promise<Readable> {
    const account = this.#accounts.get(key);
    if (account) {
      return Readable.from([account]);
    }
    await this.extract([key]);
    const piece = this.#pieces.get(key);
    if (!piece?.size) {
      return Readable.from([]);
    }
    const { file, start, size } = piece;
    return createReadStream(file, { start, end: start + size - 1 });
  }

  async #eachEntry(
    visit: (key: string, entry: ArchiveEntry) => Promise<void>,
  ): Promise<void> {
    const archive = extract();
    const source = await this.#options.open();
    const read = async () => {
      let index = 0;
      for await (const entry of archive) {
        await visit(
          `${this.#options.key}!${index++}`,
          entry as unknown as ArchiveEntry,
        );
        entry.resume();
      }
    };
    await Promise.all([
      pipeline(source, archive as unknown as Writable),
      read(),
    ]);
  }

  #addEntry(tree: LayerTree, path: string, header: Header, key: string): void {
    const name = posix.basename(path);
    const folder = posix.dirname(path) === '.' ? '' : posix.dirname(path);
    if (name === OPAQUE) {
      tree.opaque.push(folder);
    } else if (name.startsWith(WHITEOUT)) {
      tree.whiteouts.push(posix.join(folder, name.slice(WHITEOUT.length)));
    } else {
      tree.entries.push([path, this.#entryOf(header, key)]);
    }
  }

  #entryOf(header: Header, key: string): TreeEntry | HardLink {
    const { type, linkname = '', size = 0 } = header;
    // of owners too large for a plain header
    const pax = (header.pax ?? {}) as { uid?: string; gid?: string };
    const { uid = header.uid, gid = header.gid } = pax;
    const owner = { uid: Number(uid ?? 0), gid: Number(gid ?? 0) };
    const mode = (header.mode ?? 0) & 0o7777;
    switch (type) {
      case 'directory':
        return { type, mode, ...owner };
      case 'symlink':
        return { type, target: linkname, ...owner };
      case 'link':
        return { type, target: pathOf(linkname) };
      case 'character-device':
      case 'block-device':
      case 'fifo': {
        const [major, minor] = [header.devmajor ?? 0, header.devminor ?? 0];
        return { type, mode, major, minor, ...owner };
      }
      default: {
        const read = () => this.#open(key);
        const content = { key, size, open: read, archive: this };
        return { type: 'file', mode, ...owner, content };
      }
    }
  }
}
