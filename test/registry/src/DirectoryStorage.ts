import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import {
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseDigest } from './digest';
import {
  ByteRange,
  ReferrerDescriptor,
  RegistryStorage,
  StoredManifest,
} from './RegistryStorage';

/** Undefined instead of an error when a file or folder is not there. */
async function ifPresent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return undefined;
    }
    throw error;
  }
}

/**
 * Keeps a registry in a directory, so that it survives a restart and a
 * `kill -9`: every file appears under its name by a rename, whole or not at
 * all.
 *
 * - `staging/`: files not yet renamed, emptied at start
 * - `blobs/<algorithm>/<hex>`: bytes of blobs and manifests, once each
 * - `repositories/<name>/_blobs/<algorithm>/<hex>`: the repository has this blob
 * - `repositories/<name>/_manifests/<algorithm>/<hex>`: the manifest's media type
 * - `repositories/<name>/_referrers/<algorithm>-<hex>/<algorithm>-<hex>`: a descriptor
 * - `repositories/<name>/_tags/<tag>`: the digest the tag points at
 * - `repositories/<name>/_uploads/<id>`: bytes received so far
 */
export class DirectoryStorage implements RegistryStorage {
  private readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Opens a directory, new or with what an earlier process left. */
  static async create(directory: string): Promise<DirectoryStorage> {
    await mkdir(join(directory, 'repositories'), { recursive: true });
    const staging = join(directory, 'staging');
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging);
    return new DirectoryStorage(directory);
  }

  async statBlob(repository: string, digest: string) {
    const link = this.repositoryPath(repository, '_blobs', digest);
    if (!(await ifPresent(stat(link)))) {
      return undefined;
    }
    const found = await ifPresent(stat(this.blobPath(digest)));
    return found && { size: found.size };
  }

  readBlob(digest: string, range?: ByteRange): Readable {
    return createReadStream(this.blobPath(digest), {
      ...range,
      highWaterMark: 256 * 1024,
    });
  }

  async linkBlob(repository: string, digest: string) {
    await this.place(this.repositoryPath(repository, '_blobs', digest), '');
  }

  async unlinkBlob(repository: string, digest: string) {
    return this.remove(this.repositoryPath(repository, '_blobs', digest));
  }

  async startUpload(repository: string) {
    const id = randomUUID();
    const path = this.uploadPath(repository, id);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
    return id;
  }

  async uploadSize(repository: string, id: string) {
    return (await ifPresent(stat(this.uploadPath(repository, id))))?.size;
  }

  async appendUpload(repository: string, id: string, body: Readable) {
    const path = this.uploadPath(repository, id);
    await pipeline(body, createWriteStream(path, { flags: 'a' }));
  }

  async truncateUpload(repository: string, id: string, size: number) {
    await truncate(this.uploadPath(repository, id), size);
  }

  async finishUpload(repository: string, id: string, digest: string) {
    const path = this.uploadPath(repository, id);
    const { algorithm, hex } = this.split(digest);
    const hash = createHash(algorithm);
    await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), hash);
    if (hash.digest('hex') !== hex) {
      await rm(path, { force: true });
      return false;
    }
    const blob = this.blobPath(digest);
    await mkdir(dirname(blob), { recursive: true });
    await rename(path, blob);
    await this.linkBlob(repository, digest);
    return true;
  }

  async cancelUpload(repository: string, id: string) {
    return this.remove(this.uploadPath(repository, id));
  }

  async listUploads() {
    const root = join(this.directory, 'repositories');
    const entries = await readdir(root, {
      recursive: true,
      withFileTypes: true,
    });
    const found = entries
      .filter(
        entry => entry.isFile() && basename(entry.parentPath) === '_uploads',
      )
      .map(async ({ name: id, parentPath }) => {
        const repository = relative(root, dirname(parentPath));
        const size = (await this.uploadSize(repository, id)) ?? 0;
        return { repository, id, size };
      });
    return Promise.all(found);
  }

  async getManifest(repository: string, digest: string) {
    const link = this.repositoryPath(repository, '_manifests', digest);
    const mediaType = await ifPresent(readFile(link, 'utf8'));
    const bytes =
      mediaType === undefined
        ? undefined
        : await ifPresent(readFile(this.blobPath(digest)));
    return mediaType !== undefined && bytes ? { mediaType, bytes } : undefined;
  }

  async putManifest(
    repository: string,
    digest: string,
    manifest: StoredManifest,
  ) {
    await this.place(this.blobPath(digest), manifest.bytes);
    await this.place(
      this.repositoryPath(repository, '_manifests', digest),
      manifest.mediaType,
    );
  }

  async deleteManifest(repository: string, digest: string) {
    return this.remove(this.repositoryPath(repository, '_manifests', digest));
  }

  async getTag(repository: string, tag: string) {
    return ifPresent(readFile(this.tagPath(repository, tag), 'utf8'));
  }

  async putTag(repository: string, tag: string, digest: string) {
    await this.place(this.tagPath(repository, tag), digest);
  }

  async deleteTag(repository: string, tag: string) {
    return this.remove(this.tagPath(repository, tag));
  }

  async listTags(repository: string) {
    const home = join(this.directory, 'repositories', repository);
    if (!(await ifPresent(stat(join(home, '_manifests'))))) {
      return undefined;
    }
    return (await ifPresent(readdir(join(home, '_tags')))) ?? [];
  }

  async putReferrer(
    repository: string,
    subject: string,
    descriptor: ReferrerDescriptor,
  ) {
    await this.place(
      join(
        this.referrersPath(repository, subject),
        descriptor.digest.replace(':', '-'),
      ),
      JSON.stringify(descriptor),
    );
  }

  async deleteReferrer(repository: string, subject: string, digest: string) {
    const path = this.referrersPath(repository, subject);
    await this.remove(join(path, digest.replace(':', '-')));
  }

  async listReferrers(repository: string, subject: string) {
    const path = this.referrersPath(repository, subject);
    const names = (await ifPresent(readdir(path))) ?? [];
    const texts = await Promise.all(
      names.map(name => ifPresent(readFile(join(path, name), 'utf8'))),
    );
    return texts.flatMap(text => (text ? [JSON.parse(text)] : []));
  }

  async listRepositories() {
    const root = join(this.directory, 'repositories');
    const walk = async (name: string): Promise<string[]> => {
      const entries = (await ifPresent(readdir(join(root, name)))) ?? [];
      const below = await Promise.all(
        entries
          .filter(entry => !entry.startsWith('_'))
          .map(entry => walk(name ? `${name}/${entry}` : entry)),
      );
      return [
        ...(entries.includes('_manifests') ? [name] : []),
        ...below.flat(),
      ];
    };
    return walk('');
  }

  private async place(path: string, content: string | Buffer): Promise<void> {
    const staged = join(this.directory, 'staging', randomUUID());
    await mkdir(dirname(path), { recursive: true });
    await writeFile(staged, content);
    await rename(staged, path);
  }

  private async remove(path: string): Promise<boolean> {
    const removing = rm(path).then(() => true);
    return (await ifPresent(removing)) ?? false;
  }

  private split(digest: string) {
    const parsed = parseDigest(digest);
    if (!parsed) {
      throw new Error(`not a digest: ${digest}`);
    }
    return parsed;
  }

  private blobPath(digest: string): string {
    const { algorithm, hex } = this.split(digest);
    return join(this.directory, 'blobs', algorithm, hex);
  }

  private repositoryPath(
    repository: string,
    kind: '_blobs' | '_manifests',
    digest: string,
  ): string {
    const { algorithm, hex } = this.split(digest);
    const home = join(this.directory, 'repositories', repository);
    return join(home, kind, algorithm, hex);
  }

  private referrersPath(repository: string, subject: string): string {
    const { algorithm, hex } = this.split(subject);
    const home = join(this.directory, 'repositories', repository);
    return join(home, '_referrers', `${algorithm}-${hex}`);
  }

  private uploadPath(repository: string, id: string): string {
    return join(this.directory, 'repositories', repository, '_uploads', id);
  }

  private tagPath(repository: string, tag: string): string {
    return join(this.directory, 'repositories', repository, '_tags', tag);
  }
}
