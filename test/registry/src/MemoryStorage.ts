import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { digestOf, parseDigest } from './digest';
import {
  ByteRange,
  ReferrerDescriptor,
  RegistryStorage,
  StoredManifest,
} from './RegistryStorage';

interface Repository {
  exists: boolean;
  blobs: Set<string>;
  manifests: Map<string, StoredManifest>;
  tags: Map<string, string>;
  referrers: Map<string, Map<string, ReferrerDescriptor>>;
}

const SLICE = 64 * 1024;

/** Keeps a registry in memory; it ends with the process. */
export class MemoryStorage implements RegistryStorage {
  private readonly blobs = new Map<string, Buffer>();
  private readonly repositories = new Map<string, Repository>();
  private readonly uploads = new Map<string, Buffer[]>();

  private constructor() {}

  /** An empty storage. */
  static create(): MemoryStorage {
    return new MemoryStorage();
  }

  async statBlob(repository: string, digest: string) {
    const bytes = this.repositories.get(repository)?.blobs.has(digest)
      ? this.blobs.get(digest)
      : undefined;
    return bytes && { size: bytes.length };
  }

  readBlob(digest: string, range?: ByteRange): Readable {
    const all = this.blobs.get(digest) ?? Buffer.alloc(0);
    const bytes = range ? all.subarray(range.start, range.end + 1) : all;
    const slices = function* slices() {
      for (let at = 0; at < bytes.length; at += SLICE) {
        yield bytes.subarray(at, at + SLICE);
      }
    };
    return Readable.from(slices(), { objectMode: false });
  }

  async linkBlob(repository: string, digest: string) {
    this.open(repository).blobs.add(digest);
  }

  async unlinkBlob(repository: string, digest: string) {
    return this.repositories.get(repository)?.blobs.delete(digest) ?? false;
  }

  async startUpload(repository: string) {
    const id = randomUUID();
    this.uploads.set(`${repository}@${id}`, []);
    return id;
  }

  async uploadSize(repository: string, id: string) {
    return this.uploads
      .get(`${repository}@${id}`)
      ?.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  async appendUpload(repository: string, id: string, body: Readable) {
    const chunks = this.uploads.get(`${repository}@${id}`);
    for await (const chunk of body) {
      chunks?.push(chunk);
    }
  }

  async truncateUpload(repository: string, id: string, size: number) {
    const key = `${repository}@${id}`;
    const bytes = Buffer.concat(this.uploads.get(key) ?? []);
    this.uploads.set(key, [bytes.subarray(0, size)]);
  }

  async finishUpload(repository: string, id: string, digest: string) {
    const key = `${repository}@${id}`;
    const bytes = Buffer.concat(this.uploads.get(key) ?? []);
    this.uploads.delete(key);
    if (digestOf(bytes, parseDigest(digest)?.algorithm) !== digest) {
      return false;
    }
    this.blobs.set(digest, bytes);
    this.open(repository).blobs.add(digest);
    return true;
  }

  async cancelUpload(repository: string, id: string) {
    return this.uploads.delete(`${repository}@${id}`);
  }

  async listUploads() {
    return [...this.uploads].map(([key, chunks]) => {
      const [repository, id] = key.split('@');
      const size = chunks.reduce((sum, { length }) => sum + length, 0);
      return { repository, id, size };
    });
  }

  async getManifest(repository: string, digest: string) {
    return this.repositories.get(repository)?.manifests.get(digest);
  }

  async putManifest(
    repository: string,
    digest: string,
    manifest: StoredManifest,
  ) {
    const opened = this.open(repository);
    opened.manifests.set(digest, manifest);
    opened.exists = true;
  }

  async deleteManifest(repository: string, digest: string) {
    return this.repositories.get(repository)?.manifests.delete(digest) ?? false;
  }

  async getTag(repository: string, tag: string) {
    return this.repositories.get(repository)?.tags.get(tag);
  }

  async putTag(repository: string, tag: string, digest: string) {
    this.open(repository).tags.set(tag, digest);
  }

  async deleteTag(repository: string, tag: string) {
    return this.repositories.get(repository)?.tags.delete(tag) ?? false;
  }

  async listTags(repository: string) {
    const found = this.repositories.get(repository);
    return found?.exists ? [...found.tags.keys()] : undefined;
  }

  async putReferrer(
    repository: string,
    subject: string,
    descriptor: ReferrerDescriptor,
  ) {
    const { referrers } = this.open(repository);
    const known = referrers.get(subject) ?? new Map();
    referrers.set(subject, known.set(descriptor.digest, descriptor));
  }

  async deleteReferrer(repository: string, subject: string, digest: string) {
    this.repositories.get(repository)?.referrers.get(subject)?.delete(digest);
  }

  async listReferrers(repository: string, subject: string) {
    const known = this.repositories.get(repository)?.referrers.get(subject);
    return [...(known?.values() ?? [])];
  }

  async listRepositories() {
    return [...this.repositories]
      .filter(([, { exists }]) => exists)
      .map(([name]) => name);
  }

  private open(repository: string): Repository {
    const found = this.repositories.get(repository) ?? {
      exists: false,
      blobs: new Set(),
      manifests: new Map(),
      tags: new Map(),
      referrers: new Map(),
    };
    this.repositories.set(repository, found);
    return found;
  }
}
