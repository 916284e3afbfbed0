import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Duplex, Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { LayerCompression } from '@imglife/backstage-plugin-imglife-node';
import {
  digestOf,
  MediaTypes,
  type BlobBody,
  type Descriptor,
} from '@imglife/oci';
import { compressZstd } from '../compressZstd';
import type { BuildSpool } from './BuildSpool';
import type { LayerEntry } from './LayerWriter';
import { writeTar } from './writeTar';

/** A layer ready to be pushed. */
export interface Layer {
  descriptor: Descriptor;
  /** digest of the archive before compression */
  diffId: string;
  /** its bytes, as often as they are asked for */
  body: BlobBody;
}

const GZIP_OS_BYTE = 9;
const GZIP_OS_UNKNOWN = 255;
/** Layers up to this size stay in memory. */
const MAX_IN_MEMORY = 1024 * 1024;

/** Passes bytes on and hashes them. */
function hashing(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

/** zlib writes the machine's operating system into the header. */
function withoutSystem(): Transform {
  let at = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      if (at <= GZIP_OS_BYTE && at + chunk.length > GZIP_OS_BYTE) {
        chunk[GZIP_OS_BYTE - at] = GZIP_OS_UNKNOWN;
      }
      at += chunk.length;
      done(null, chunk);
    },
  });
}

/** Keeps a blob: in memory, or on disk once it is too large for that. */
class BlobSink extends Writable {
  size = 0;
  readonly #spool: BuildSpool;
  #chunks: Buffer[] = [];
  #file: { path: string; handle: FileHandle } | undefined;

  constructor(spool: BuildSpool) {
    super();
    this.#spool = spool;
  }

  get body(): BlobBody {
    const file = this.#file;
    const bytes = Buffer.concat(this.#chunks);
    return () => (file ? createReadStream(file.path) : bytes);
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error) => void) {
    this.#keep(chunk).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void) {
    const closed = this.#file?.handle.close() ?? Promise.resolve();
    closed.then(() => done(error), done);
  }

  async #keep(chunk: Buffer): Promise<void> {
    this.size += chunk.length;
    this.#chunks.push(chunk);
    if (!this.#file && this.size > MAX_IN_MEMORY) {
      const path = await this.#spool.file();
      this.#file = { path, handle: await open(path, 'wx', 0o600) };
    }
    if (this.#file) {
      for (const each of this.#chunks) {
        await this.#file.handle.writeFile(each);
      }
      this.#chunks = [];
    }
  }
}

/**
 * Makes layers that have the same bytes whenever their entries are the same:
 * sorted by path, numeric owners, one time for all. They are written as they
 * are read, so that memory does not grow with them. What is alike for several
 * platforms is made once.
 */
export class LayerFactory {
  readonly #created: Date;
  readonly #spool: BuildSpool;
  readonly #compression: LayerCompression;
  readonly #made = new Map<string, Promise<Layer>>();

  static create(options: {
    /** of every entry; cut to whole seconds */
    created: Date;
    spool: BuildSpool;
    /** default gzip */
    compression?: LayerCompression;
  }): LayerFactory {
    return new LayerFactory(options);
  }

  private constructor(options: {
    created: Date;
    spool: BuildSpool;
    compression?: LayerCompression;
  }) {
    this.#created = options.created;
    this.#spool = options.spool;
    this.#compression = options.compression ?? 'gzip';
  }

  /** @throws InputError - a file is not as long as it was when it was listed */
  async make(
    entries: ReadonlyArray<LayerEntry>,
    signal: AbortSignal,
  ): Promise<Layer> {
    const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
    const key = digestOf(
      Buffer.from(
        JSON.stringify(
          sorted.map(entry =>
            entry.type === 'file'
              ? { ...entry, content: entry.content.key }
              : entry,
          ),
        ),
      ),
    );
    const layer = this.#made.get(key) ?? this.#write(sorted, signal);
    this.#made.set(key, layer);
    return layer;
  }

  async #write(
    entries: ReadonlyArray<LayerEntry>,
    signal: AbortSignal,
  ): Promise<Layer> {
    const gzip = this.#compression === 'gzip';
    const [plain, packed] = [createHash('sha256'), createHash('sha256')];
    const sink = new BlobSink(this.#spool);
    await pipeline(
      Readable.from(writeTar(entries, this.#created)),
      hashing(plain),
      ...(gzip ? [createGzip(), withoutSystem()] : [Duplex.from(compressZstd)]),
      hashing(packed),
      sink,
      { signal },
    );
    return {
      body: sink.body,
      diffId: `sha256:${plain.digest('hex')}`,
      descriptor: {
        mediaType: gzip ? MediaTypes.ociLayerGzip : MediaTypes.ociLayerZstd,
        digest: `sha256:${packed.digest('hex')}`,
        size: sink.size,
      },
    };
  }
}
