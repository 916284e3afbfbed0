import type { Readable } from 'node:stream';
import type { BlobSource } from './BlobSource';
import { ChunkReader } from './ChunkReader';
import { RegistryError } from './errors';
import type { Descriptor } from './manifests';
import { Progress } from './resumeRules';
import type { HostResponse, HostTransport } from './transport/HostTransport';
import { retryDelay } from './transport/retryPolicy';
import type { Timing } from './transport/Timing';
import { smallerChunk, uploadedBytes } from './uploadRules';
import {
  finishUrl,
  sessionOf,
  type UploadSession,
  type UploadSessions,
  type UploadTarget,
} from './UploadSessions';

/** A blob to push in chunks. */
export interface ChunkedUploadOptions {
  host: string;
  transport: HostTransport;
  sessions: UploadSessions;
  timing: Timing;
  repository: string;
  descriptor: Descriptor;
  source: BlobSource;
  session: UploadSession;
  /** Bytes per chunk to begin with. */
  chunkBytes: number;
  signal?: AbortSignal;
}

const OCTETS = { 'content-type': 'application/octet-stream' };

/**
 * Pushes one blob in chunks (OCI distribution-spec, "Pushing a blob in
 * chunks"). After a failed chunk the registry is asked how much it has, and
 * the content goes on from there; nothing is kept in memory.
 */
export class ChunkedUpload {
  static create(options: ChunkedUploadOptions): ChunkedUpload {
    return new ChunkedUpload(options);
  }

  readonly #options: ChunkedUploadOptions;
  readonly #target: UploadTarget;
  readonly #progress: Progress;
  #chunkBytes: number;
  #offset = 0;
  #reader: ChunkReader | undefined;

  private constructor(options: ChunkedUploadOptions) {
    const { repository, descriptor, timing, session } = options;
    this.#options = options;
    this.#target = { repository, digest: descriptor.digest };
    this.#progress = Progress.create(timing.now);
    this.#chunkBytes = Math.max(options.chunkBytes, session.leastChunk);
  }

  /** Bytes per chunk that the registry took. */
  get chunkBytes(): number {
    return this.#chunkBytes;
  }

  /** Pushes and publishes the blob. Throws RegistryError. */
  async run(): Promise<void> {
    const { size } = this.#options.descriptor;
    const { leastChunk } = this.#options.session;
    try {
      while (this.#offset < size) {
        const length = Math.min(this.#chunkBytes, size - this.#offset);
        if (this.#offset + length === size && length < leastChunk) {
          // too short for a chunk of its own: it comes with the end
          await this.#finish(length);
          return;
        }
        await this.#chunk(length);
      }
      await this.#finish(0);
    } finally {
      this.#reader?.destroy();
    }
  }

  async #chunk(length: number): Promise<void> {
    const { transport, sessions, session, signal } = this.#options;
    const end = this.#offset + length;
    let had: number;
    try {
      had = await transport.send(
        {
          method: 'PATCH',
          target: session.url,
          ...sessionOf(this.#target),
          ...this.#content(length),
          retry: false,
          signal,
        },
        async response => {
          await response.body.dump();
          sessions.advance(this.#target, session, response);
          return this.#taken(response, end);
        },
      );
    } catch (error) {
      await this.#recover(error);
      return;
    }
    if (had === end) {
      this.#offset = end;
    } else {
      this.#restartAt(had);
      await this.#pause({ retryable: true }, this.#short(had, end));
    }
  }

  /** Some registries (ECR) answer a chunk with 201 and no `Range`. */
  #taken(response: HostResponse, end: number): number {
    const had = uploadedBytes(response.header('range'));
    return had === undefined || had > end ? end : had;
  }

  async #finish(length: number): Promise<void> {
    const { transport, session, signal } = this.#options;
    await transport.send(
      {
        method: 'PUT',
        target: finishUrl(session, this.#target.digest),
        ...sessionOf(this.#target),
        ...(length
          ? this.#content(length)
          : { headers: { ...OCTETS, 'content-length': '0' } }),
        retry: false,
        signal,
      },
      response => response.body.dump(),
    );
  }

  #content(length: number) {
    const offset = this.#offset;
    let opened = false;
    const body = async (): Promise<Readable> => {
      if (opened) {
        this.#restartAt(offset);
      }
      opened = true;
      this.#reader ??= await this.#openAt(offset);
      return this.#reader.chunk(length);
    };
    const headers = {
      ...OCTETS,
      'content-length': String(length),
      'content-range': `${offset}-${offset + length - 1}`,
    };
    return { headers, body };
  }

  async #openAt(offset: number): Promise<ChunkReader> {
    const reader = ChunkReader.create(await this.#options.source.open());
    await reader.skip(offset);
    return reader;
  }

  #restartAt(offset: number) {
    this.#reader?.destroy();
    this.#reader = undefined;
    this.#offset = offset;
  }

  /** Goes on where the registry is, or throws what cannot be mended. */
  async #recover(error: unknown): Promise<void> {
    const { transport, sessions, session, source, signal } = this.#options;
    this.#restartAt(this.#offset);
    signal?.throwIfAborted();
    if (source.failure !== undefined) {
      throw source.failure;
    }
    const { repository, digest: reference } = this.#target;
    const failure = transport.fail(error, { repository, reference });
    if (failure.status === 413) {
      const smaller = smallerChunk(this.#chunkBytes, session.leastChunk);
      if (smaller === undefined) {
        throw failure;
      }
      this.#chunkBytes = smaller;
    } else {
      const { retryAfterMs } = failure;
      const retryable = failure.retryable || failure.status === 416;
      await this.#pause({ retryable, retryAfterMs }, failure);
    }
    const had = await sessions.status(this.#target, session, signal);
    if (had > this.#options.descriptor.size) {
      throw failure;
    }
    this.#offset = had;
  }

  async #pause(
    state: { retryable: boolean; retryAfterMs?: number },
    failure: Error,
  ): Promise<void> {
    const { timing, signal } = this.#options;
    const failures = this.#progress.failed(this.#offset);
    const delay = retryDelay(failures, state, timing.random());
    if (delay === undefined) {
      throw failure;
    }
    await timing.sleep(delay, signal);
  }

  #short(had: number, end: number): RegistryError {
    const { host } = this.#options;
    const { repository, digest: reference } = this.#target;
    return new RegistryError(
      `it keeps ${had} bytes of an upload that was sent ${end}`,
      { host, repository, reference, retryable: true },
    );
  }
}
