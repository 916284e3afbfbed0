import type { Readable } from 'node:stream';
import { RegistryError } from './errors';
import type { Descriptor } from './manifests';
import { bytesToSkip, Progress } from './resumeRules';
import { DUMP_LIMIT } from './transport/Exchange';
import type { HostRequest, HostTransport } from './transport/HostTransport';
import { retryDelay } from './transport/retryPolicy';
import type { Timing } from './transport/Timing';
import { verifyBlob } from './verifyBlob';
import type { VerifyingStream } from './VerifyingStream';

/** A blob that is being read. */
export interface BlobDownloadOptions {
  host: string;
  transport: HostTransport;
  timing: Timing;
  repository: string;
  descriptor: Descriptor;
  /** What it was asked for with; asked again for the rest. */
  request: HostRequest;
  onBytes?(count: number): void;
}

/**
 * One blob on its way: a verifying stream fed by an answer and, when that ends
 * early, by further answers with the rest. Who reads the stream does not
 * notice; the digest covers all of it.
 */
export class BlobDownload {
  static create(options: BlobDownloadOptions): BlobDownload {
    return new BlobDownload(options);
  }

  readonly stream: VerifyingStream;
  readonly #options: BlobDownloadOptions;
  readonly #progress: Progress;
  /** Aborts what goes on when nobody reads any more. */
  readonly #left = new AbortController();
  #passed = 0;

  private constructor(options: BlobDownloadOptions) {
    const { host, repository, descriptor, timing } = options;
    this.#options = options;
    this.#progress = Progress.create(timing.now);
    this.stream = verifyBlob(
      { host, repository },
      descriptor,
      options.onBytes,
    ).on('close', () => this.#left.abort());
  }

  /** Feeds the stream from an answer. */
  feed(body: Readable, skip: number): void {
    const { stream } = this;
    const { size } = this.#options.descriptor;
    let unwanted = skip;
    let over = false;
    const onData = (chunk: Buffer) => {
      if (unwanted >= chunk.length) {
        unwanted -= chunk.length;
        return;
      }
      const wanted = unwanted ? chunk.subarray(unwanted) : chunk;
      unwanted = 0;
      this.#passed += wanted.length;
      if (!stream.write(wanted)) {
        body.pause();
      }
    };
    const onDrain = () => body.resume();
    const onClose = () => body.destroy();
    const finish = (problem?: unknown) => {
      if (over) {
        return;
      }
      over = true;
      stream.off('drain', onDrain).off('close', onClose);
      if (stream.destroyed) {
        return;
      }
      if (this.#passed >= size) {
        stream.end();
      } else {
        void this.#goOn(problem);
      }
    };
    stream.on('drain', onDrain).on('close', onClose);
    body.on('data', onData).on('end', finish).on('error', finish);
  }

  /** Asks for the rest after a while, as long as there is progress. */
  async #goOn(problem: unknown): Promise<void> {
    const { transport, timing, request, repository } = this.#options;
    const at = { repository, reference: this.#options.descriptor.digest };
    const failure =
      problem === undefined ? undefined : transport.fail(problem, at);
    const delay = retryDelay(
      this.#progress.failed(this.#passed),
      failure ?? { retryable: true },
      timing.random(),
    );
    const { signal } = request;
    if (signal?.aborted || this.stream.destroyed) {
      this.stream.destroy(signal?.reason);
    } else if (delay === undefined && failure) {
      this.stream.destroy(failure);
    } else if (delay === undefined) {
      // it says how much is missing
      this.stream.end();
    } else {
      await this.#askAgain(delay).catch(error => this.#goOn(error));
    }
  }

  async #askAgain(delay: number): Promise<void> {
    const { host, transport, timing, request } = this.#options;
    const { repository, reference } = request;
    const { size } = this.#options.descriptor;
    const offset = this.#passed;
    const signal = request.signal
      ? AbortSignal.any([request.signal, this.#left.signal])
      : this.#left.signal;
    await timing.sleep(delay, signal);
    const range = `bytes=${offset}-`;
    const headers = { ...request.headers, range };
    await transport.send(
      { ...request, headers, signal, retry: false },
      async response => {
        const contentRange = response.header('content-range');
        const { status } = response;
        const skip = bytesToSkip({ status, contentRange }, { offset, size });
        if (typeof skip === 'string') {
          await response.body.dump({ limit: DUMP_LIMIT, signal });
          throw new RegistryError(skip, {
            host,
            repository,
            reference,
            retryable: true,
          });
        }
        this.feed(response.body, skip);
      },
    );
  }
}
