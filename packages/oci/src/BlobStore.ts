import type { Readable } from 'node:stream';
import { RegistryError } from './errors';
import type { Descriptor } from './manifests';
import { checkName } from './Reference';
import type { HostResponse, HostTransport } from './transport/HostTransport';
import { readBody } from './transport/readBody';
import { Semaphore } from './transport/Semaphore';
import { verifyBlob } from './verifyBlob';
import type { VerifyingStream } from './VerifyingStream';

/** What a blob store works with. */
export interface BlobStoreOptions {
  host: string;
  concurrency: number;
  transport: HostTransport;
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
  /** Blobs that flow; the requests that begin them have slots of their own. */
  readonly #streams: Semaphore;

  private constructor(options: BlobStoreOptions) {
    this.#host = options.host;
    this.#transport = options.transport;
    this.#streams = Semaphore.create(options.concurrency);
  }

  async head(
    repository: string,
    digest: string,
    options: CallOptions,
  ): Promise<{ size: number } | undefined> {
    try {
      return await this.#transport.send(
        {
          method: 'HEAD',
          ...this.#blob(repository, digest),
          signal: options.signal,
        },
        async response => {
          await response.body.dump();
          return { size: Number(response.header('content-length') ?? 0) };
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
    const release = await this.#streams.acquire(options.signal);
    try {
      return await this.#transport.send(
        {
          method: 'GET',
          ...this.#blob(repository, descriptor.digest),
          signal: options.signal,
        },
        async response =>
          this.#verified(repository, descriptor, response, options).on(
            'close',
            release,
          ),
      );
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
      response =>
        readBody(
          this.#verified(repository, descriptor, response, options),
          MAX_BLOB_IN_MEMORY,
        ),
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

  #verified(
    repository: string,
    descriptor: Descriptor,
    response: HostResponse,
    options: CallOptions & { onBytes?(count: number): void },
  ): VerifyingStream {
    const at = { repository, reference: descriptor.digest };
    const verified = verifyBlob(
      { host: this.#host, repository },
      descriptor,
      options.onBytes,
    );
    response.body.on('error', error =>
      verified.destroy(
        options.signal?.aborted
          ? options.signal.reason
          : this.#transport.fail(error, at),
      ),
    );
    verified.on('close', () => response.body.destroy());
    return response.body.pipe(verified);
  }
}
