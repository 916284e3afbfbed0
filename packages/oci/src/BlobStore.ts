import type { Readable } from 'node:stream';
import { BlobDownload } from './BlobDownload';
import { RegistryError } from './errors';
import type { Descriptor } from './manifests';
import { checkName } from './Reference';
import type { HostRequest, HostTransport } from './transport/HostTransport';
import { readBody } from './transport/readBody';
import { Semaphore } from './transport/Semaphore';
import type { Timing } from './transport/Timing';
import { verifyBlob } from './verifyBlob';

/** What a blob store works with. */
export interface BlobStoreOptions {
  host: string;
  concurrency: number;
  transport: HostTransport;
  timing: Timing;
}

/** Most bytes of a blob that is read into memory: 8 MiB. */
export const MAX_BLOB_IN_MEMORY = 8 * 1024 * 1024;

interface CallOptions {
  signal?: AbortSignal;
}

/**
 * Blobs of one registry to be read (OCI distribution-spec, "Pulling
 * blobs"). Behind RegistryClient, whose methods say what each verb does.
 */
export class BlobStore {
  static create(options: BlobStoreOptions): BlobStore {
    return new BlobStore(options);
  }

  readonly #host: string;
  readonly #transport: HostTransport;
  readonly #timing: Timing;
  /** Blobs that flow; the requests that begin them have slots of their own. */
  readonly #streams: Semaphore;

  private constructor(options: BlobStoreOptions) {
    this.#host = options.host;
    this.#transport = options.transport;
    this.#timing = options.timing;
    this.#streams = Semaphore.create(options.concurrency);
  }

  async head(
    repository: string,
    digest: string,
    options: CallOptions,
  ): Promise<{ size?: number } | undefined> {
    try {
      return await this.#transport.send(
        {
          method: 'HEAD',
          ...this.#blob(repository, digest),
          signal: options.signal,
        },
        async response => {
          await response.body.dump();
          const length = response.header('content-length');
          return length === undefined ? {} : { size: Number(length) };
        },
      );
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  async get(
    repository: string,
    descriptor: Descriptor,
    options: CallOptions & { onBytes?(count: number): void },
  ): Promise<Readable> {
    const { signal, onBytes } = options;
    const request: HostRequest = {
      method: 'GET',
      ...this.#blob(repository, descriptor.digest),
      signal,
    };
    const release = await this.#streams.acquire(signal);
    try {
      return await this.#transport.send(request, async ({ body }) => {
        const download = BlobDownload.create({
          host: this.#host,
          transport: this.#transport,
          timing: this.#timing,
          repository,
          descriptor,
          request,
          onBytes,
        });
        download.feed(body, 0);
        return download.stream.on('close', release);
      });
    } catch (error) {
      release();
      throw error;
    }
  }

  async read(
    repository: string,
    descriptor: Descriptor,
    options: CallOptions,
  ): Promise<Buffer> {
    const { size, digest } = descriptor;
    if (size > MAX_BLOB_IN_MEMORY) {
      throw new RegistryError(
        `blob of ${size} bytes is larger than the ${MAX_BLOB_IN_MEMORY} bytes read into memory`,
        { host: this.#host, repository, reference: digest },
      );
    }
    return this.#transport.send(
      {
        method: 'GET',
        ...this.#blob(repository, digest),
        signal: options.signal,
      },
      ({ body }) => {
        const verified = verifyBlob(
          { host: this.#host, repository },
          descriptor,
        );
        body.on('error', error => verified.destroy(error));
        verified.on('close', () => body.destroy());
        return readBody(body.pipe(verified), MAX_BLOB_IN_MEMORY);
      },
    );
  }

  #blob(repository: string, digest: string) {
    checkName(repository, digest);
    return {
      target: `/v2/${repository}/blobs/${digest}`,
      scopes: [`repository:${repository}:pull`],
      repository,
      reference: digest,
    };
  }
}
