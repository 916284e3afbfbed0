import { BlobSource, type BlobBody } from './BlobSource';
import { ChunkedUpload } from './ChunkedUpload';
import { RegistryError } from './errors';
import type { Descriptor } from './manifests';
import type { HostTransport } from './transport/HostTransport';
import { retryDelay } from './transport/retryPolicy';
import type { Timing } from './transport/Timing';
import { CHUNK_BYTES, mayChunk } from './uploadRules';
import {
  finishUrl,
  sessionOf,
  UploadSessions,
  type MountSource,
  type UploadSession,
} from './UploadSessions';

interface BlobUploadsOptions {
  host: string;
  transport: HostTransport;
  timing: Timing;
}

interface PutOptions {
  signal?: AbortSignal;
  /** Tried before anything is sent. */
  mount?: MountSource;
}

/** One blob to push. */
interface Upload {
  repository: string;
  descriptor: Descriptor;
  source: BlobSource;
  signal?: AbortSignal;
}

/**
 * Blobs of one registry to be written (OCI distribution-spec, "Pushing
 * blobs"). Behind RegistryClient, whose methods say what each verb does.
 */
export class BlobUploads {
  static create(options: BlobUploadsOptions): BlobUploads {
    return new BlobUploads(options);
  }

  readonly #options: BlobUploadsOptions;
  readonly #transport: HostTransport;
  readonly #sessions: UploadSessions;
  /** Blobs of so many bytes and more were refused in one piece. */
  #tooLarge = Infinity;
  #chunkBytes = CHUNK_BYTES;

  private constructor(options: BlobUploadsOptions) {
    this.#options = options;
    this.#transport = options.transport;
    this.#sessions = UploadSessions.create(options);
  }

  /** Repeated from the start, for an upload may be spoilt. */
  async put(
    repository: string,
    descriptor: Descriptor,
    body: BlobBody,
    { signal, mount }: PutOptions,
  ): Promise<{ mounted: boolean }> {
    const { timing, host } = this.#options;
    const source = BlobSource.create({ host, repository }, descriptor, body);
    const upload = { repository, descriptor, source, signal };
    const target = { repository, digest: descriptor.digest };
    let opened = mount && (await this.#sessions.mount(target, mount, signal));
    if (opened === 'mounted') {
      return { mounted: true };
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#attempt(upload, opened);
        return { mounted: false };
      } catch (error) {
        signal?.throwIfAborted();
        if (source.failure !== undefined) {
          throw source.failure;
        }
        const failure = this.#transport.fail(error, {
          repository,
          reference: descriptor.digest,
        });
        const delay = retryDelay(attempt, failure, timing.random());
        if (delay === undefined) {
          throw failure;
        }
        await timing.sleep(delay, signal);
      }
      opened = undefined;
    }
  }

  async mount(
    repository: string,
    digest: string,
    from: string | undefined,
    { signal }: { signal?: AbortSignal },
  ): Promise<boolean> {
    const target = { repository, digest };
    const opened = await this.#sessions.mount(target, { from }, signal);
    if (opened && opened !== 'mounted') {
      await this.#sessions.cancel(target, opened);
    }
    return opened === 'mounted';
  }

  /** In one piece where the registry takes it so, else in chunks. */
  async #attempt(
    upload: Upload,
    opened: UploadSession | undefined,
  ): Promise<void> {
    const { size } = upload.descriptor;
    if (size >= this.#tooLarge) {
      await this.#within(upload, opened, session =>
        this.#chunks(upload, session),
      );
      return;
    }
    try {
      await this.#within(upload, opened, session =>
        this.#whole(upload, session),
      );
    } catch (error) {
      const status = error instanceof RegistryError ? error.status : undefined;
      if (upload.source.failure !== undefined || !size || !mayChunk(status)) {
        throw error;
      }
      await this.#within(upload, undefined, session =>
        this.#chunks(upload, session),
      );
      // an upload that was lost (404) says nothing of others
      if (status !== 404) {
        this.#tooLarge = status === 413 ? size : 0;
      }
    }
  }

  /** Works on an upload, which is closed when that fails. */
  async #within(
    { repository, descriptor, signal }: Upload,
    opened: UploadSession | undefined,
    work: (session: UploadSession) => Promise<void>,
  ): Promise<void> {
    const target = { repository, digest: descriptor.digest };
    const session = opened ?? (await this.#sessions.open(target, signal));
    try {
      signal?.throwIfAborted();
      await work(session);
    } catch (error) {
      await this.#sessions.cancel(target, session);
      throw error;
    }
  }

  async #whole(upload: Upload, session: UploadSession): Promise<void> {
    const { repository, descriptor, source, signal } = upload;
    const { digest, size } = descriptor;
    await this.#transport.send(
      {
        method: 'PUT',
        target: finishUrl(session, digest),
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(size),
        },
        body: () => source.open(),
        ...sessionOf({ repository, digest }),
        retry: false,
        signal,
      },
      response => response.body.dump(),
    );
  }

  async #chunks(upload: Upload, session: UploadSession): Promise<void> {
    const chunked = ChunkedUpload.create({
      ...this.#options,
      ...upload,
      sessions: this.#sessions,
      session,
      chunkBytes: this.#chunkBytes,
    });
    await chunked.run();
    this.#chunkBytes = Math.min(this.#chunkBytes, chunked.chunkBytes);
  }
}
