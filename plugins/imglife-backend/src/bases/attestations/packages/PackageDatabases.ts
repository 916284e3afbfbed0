import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { InputError } from '@backstage/errors';
import { contentOf } from '../../embedded/contextTree';
import {
  ImageTree,
  type LayerTree,
  type TreeEntry,
} from '../../embedded/ImageTree';
import type { LayerEntry } from '../layerEntries';
import type {
  Distribution,
  ImagePackages,
  InstalledPackage,
} from './InstalledPackage';
import { parseApkDatabase } from './parseApkDatabase';
import { parseDpkgStatus } from './parseDpkgStatus';
import { parseOsRelease } from './parseOsRelease';

/** More than this of databases is not kept, over all of an image. */
export const MAX_DATABASES = 64 * 1024 * 1024;

const OS_RELEASE = ['etc/os-release', 'usr/lib/os-release'];
const APK = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'];
const DPKG = 'var/lib/dpkg/status';
/** One file for each package, where there is no dpkg (distroless). */
const DPKG_FILES = 'var/lib/dpkg/status.d';
/** Databases that are seen and not read. */
const UNREAD: Record<string, string[]> = {
  rpm: ['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm'].flatMap(
    folder =>
      ['Packages', 'Packages.db', 'rpmdb.sqlite'].map(
        name => `${folder}/${name}`,
      ),
  ),
  pacman: ['var/lib/pacman/local'],
  chisel: ['var/lib/chisel/manifest.wall'],
};

const READ = new Set([...OS_RELEASE, ...APK, DPKG]);
const PATHS = [...READ, DPKG_FILES, ...Object.values(UNREAD).flat()];
/** The paths, and every folder they lie in. */
const CONCERNED = new Set(
  PATHS.flatMap(path =>
    path.split('/').map((_, index, parts) => {
      return parts.slice(0, index + 1).join('/');
    }),
  ),
);

function isPackageFile(path: string): boolean {
  return (
    posix.dirname(path) === DPKG_FILES &&
    // distroless keeps hashes of a package's files beside its stanza
    !path.endsWith('.md5sums')
  );
}

function isRead(path: string): boolean {
  return READ.has(path) || isPackageFile(path);
}

function emptyLayer(): LayerTree {
  return { entries: [], whiteouts: [], opaque: [] };
}

function compare(a: InstalledPackage, b: InstalledPackage): number {
  const keys = ['name', 'version', 'architecture', 'type'] as const;
  const key = keys.find(each => a[each] !== b[each]);
  return key && (a[key] ?? '') < (b[key] ?? '') ? -1 : Number(Boolean(key));
}

function unique(packages: InstalledPackage[]): InstalledPackage[] {
  const sorted = packages.sort(compare);
  return sorted.filter(
    (each, index) => index === 0 || compare(sorted[index - 1], each) !== 0,
  );
}

/**
 * The package databases of an image, gathered while its layers stream by,
 * bottom first: of all that is in them, only these files and the folders and
 * links on the way to them are kept.
 */
export class PackageDatabases {
  readonly #tree = ImageTree.create();
  readonly #maxBytes: number;
  readonly #unread = new Set<string>();
  #layer = emptyLayer();
  /** bytes kept */
  #bytes = 0;

  /** @param options - `maxBytes`: {@link MAX_DATABASES} when missing */
  static create(options: { maxBytes?: number } = {}): PackageDatabases {
    return new PackageDatabases(options.maxBytes ?? MAX_DATABASES);
  }

  private constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether {@link add} wants the content of an entry. */
  wants({ path, type, size, hides }: Omit<LayerEntry, 'content'>): boolean {
    if (hides || type !== 'file' || !isRead(path)) {
      return false;
    }
    if (this.#bytes + size > this.#maxBytes) {
      this.skip(`/${path}, which is too large`);
      return false;
    }
    return true;
  }

  /** Takes an entry of the present layer. @param content - where it is wanted */
  add(entry: Omit<LayerEntry, 'content'>, content?: Buffer): void {
    const { path, type, target, hides } = entry;
    if (!CONCERNED.has(path) && !isPackageFile(path)) {
      return;
    }
    if (hides === 'content') {
      this.#layer.opaque.push(path);
    } else if (hides === 'path') {
      this.#layer.whiteouts.push(path);
    } else if (type === 'link') {
      if (isRead(path) && !isRead(target)) {
        this.skip(`/${path}, which is another name of /${target}`);
      }
      this.#layer.entries.push([path, { type, target }]);
    } else {
      this.#bytes += content?.length ?? 0;
      this.#layer.entries.push([path, treeEntry(entry, content)]);
    }
  }

  /** Ends the present layer: the next entries are of the one above it. */
  endLayer(): void {
    this.#tree.apply(this.#layer);
    this.#layer = emptyLayer();
    this.#bytes = [...this.#tree.walk('')].reduce(
      (sum, [, entry]) =>
        sum + (entry.type === 'file' ? entry.content.size : 0),
      0,
    );
  }

  /** Says of something that it was not read. */
  skip(what: string): void {
    this.#unread.add(what);
  }

  /** What the databases say, once all layers were added. */
  async read(): Promise<ImagePackages> {
    for (const [kind, paths] of Object.entries(UNREAD)) {
      if (paths.some(path => this.#entry(path))) {
        this.skip(`the database of ${kind}`);
      }
    }
    const texts = async (paths: string[]) =>
      (await Promise.all(paths.map(path => this.#text(path)))).filter(Boolean);
    const apk = await texts(APK);
    const files = this.#tree
      .names(this.#resolve(DPKG_FILES) ?? DPKG_FILES)
      .map(name => `${DPKG_FILES}/${name}`);
    const dpkg = await texts([DPKG, ...files]);
    return {
      distribution: await this.#distribution(),
      packages: unique([
        ...apk.flatMap(parseApkDatabase),
        ...dpkg.flatMap(parseDpkgStatus),
      ]),
      unread: [...this.#unread].sort(),
    };
  }

  async #distribution(): Promise<Distribution | undefined> {
    for (const path of OS_RELEASE) {
      const found = parseOsRelease(await this.#text(path));
      if (found) {
        return found;
      }
    }
    return undefined;
  }

  /** Content of a file; empty when there is none. */
  async #text(path: string): Promise<string> {
    const entry = this.#entry(path);
    return entry?.type === 'file'
      ? (await buffer(await entry.content.open())).toString()
      : '';
  }

  #entry(path: string): TreeEntry | undefined {
    const real = this.#resolve(path);
    const entry = real === undefined ? undefined : this.#tree.get(real);
    const isElsewhere = real !== undefined && !CONCERNED.has(real);
    if (!entry && isElsewhere && !isPackageFile(real)) {
      this.skip(`/${path}, which is a link to /${real}`);
    }
    return entry;
  }

  #resolve(path: string): string | undefined {
    try {
      return this.#tree.resolve(path);
    } catch (error) {
      if (error instanceof InputError) {
        // links that lead in a circle lead to no file, in a container too
        return undefined;
      }
      throw error;
    }
  }
}

function treeEntry(
  { type, target }: Omit<LayerEntry, 'content'>,
  content: Buffer = Buffer.alloc(0),
): TreeEntry {
  const owner = { uid: 0, gid: 0 };
  switch (type) {
    case 'directory':
      return { type, mode: 0o755, ...owner };
    case 'symlink':
      return { type, target, ...owner };
    default:
      return {
        type: 'file',
        mode: 0o644,
        content: contentOf(content),
        ...owner,
      };
  }
}
