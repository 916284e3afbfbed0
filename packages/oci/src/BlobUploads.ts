import type { Readable } from 'node:stream';
import { digestAlgorithm, digestOf } from './digest';
import { DigestMismatchError, RegistryError } from './errors';
import type { Descriptor } from './manifests';
import { checkName } from './Reference';
import type { HostResponse, HostTransport } from './transport/HostTransport';
import { nextHop } from './transport/nextHop';
import { retryDelay } from './transport/retryPolicy';
import type { Timing } from './transport/Timing';
import { verifyBlob } from './verifyBlob';
import { VerifyingStream } from './VerifyingStream';

/** Makes the content of a blob, anew for every attempt. */
export type BlobBody = () => Readable | Buffer | Promise<Readable | Buffer>;

/** Well below the two seconds within which a cancelled run has to end. */
const ABORT_GRACE_MS = 1_000;

interface BlobUploadsOptions {
  host: string;
  transport: HostTransport;
  timing: Timing;
}

interface CallOptions {
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

  private constructor(options: BlobUploadsOptions) {
    this.#options = options;
    this.#transport = options.transport;
  }

  /** POST, then one PUT; repeated from the start, for a session may be spoilt. */
  async put(
    repository: string,
    descriptor: Descriptor,
    body: BlobBody,
    options: CallOptions,
  ): Promise<void> {
    const { timing } = this.#options;
    const { digest: reference } = descriptor;
    for (let attempt = 1; ; attempt += 1) {
      const source: { failed?: true } = {};
      const session = await this.#start(repository, reference, options);
      try {
        await this.#upload(repository, descriptor, session, options, () =>
          this.#read(repository, descriptor, body, source),
        );
        return;
      } catch (error) {
        void this.#cancel(repository, session);
        options.signal?.throwIfAborted();
        if (source.failed) {
          throw error;
        }
        const failure = this.#transport.fail(error, { repository, reference });
        const delay = retryDelay(attempt, failure, timing.random());
        if (delay === undefined) {
          throw failure;
        }
        await timing.sleep(delay, options.signal);
      }
    }
  }

  async mount(
    repository: string,
    digest: string,
    from: string,
    options: CallOptions,
  ): Promise<boolean> {
    checkName(repository, digest);
    checkName(from);
    const query = new URLSearchParams({ mount: digest, from });
    try {
      const session = await this.#transport.send(
        {
          method: 'POST',
          target: `/v2/${repository}/blobs/uploads/?${query}`,
          headers: { 'content-length': '0' },
          scopes: [
            `repository:${repository}:pull,push`,
            `repository:${from}:pull`,
          ],
          repository,
          reference: digest,
          signal: options.signal,
        },
        async response => {
          await response.body.dump();
          return response.status === 201
            ? undefined
            : this.#session(repository, digest, response);
        },
      );
      if (session) {
        await this.#cancel(repository, session);
      }
      return session === undefined;
    } catch (error) {
      const refused = [400, 403, 404, 405];
      if (
        error instanceof RegistryError &&
        refused.includes(error.status ?? 0)
      ) {
        return false;
      }
      throw error;
    }
  }

  // An abort waits a moment for the answer: a session whose address never
  // arrived could not be closed.
  async #start(
    repository: string,
    reference: string,
    { signal }: CallOptions,
  ): Promise<URL> {
    checkName(repository, reference);
    signal?.throwIfAborted();
    const late = new AbortController();
    const abort = () => {
      setTimeout(() => late.abort(signal?.reason), ABORT_GRACE_MS).unref();
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await this.#open(repository, reference, late.signal);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async #open(
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<URL> {
    return this.#transport.send(
      {
        method: 'POST',
        target: `/v2/${repository}/blobs/uploads/`,
        headers: { 'content-length': '0' },
        scopes: [`repository:${repository}:pull,push`],
        repository,
        reference,
        signal,
      },
      async response => {
        await response.body.dump();
        return this.#session(repository, reference, response);
      },
    );
  }

  #session(repository: string, reference: string, response: HostResponse): URL {
    const { host } = this.#options;
    const location = response.header('location');
    const session = location
      ? nextHop(response.url, location)
      : 'it opened an upload without a Location';
    if (typeof session === 'string') {
      throw new RegistryError(session, { host, repository, reference });
    }
    return session;
  }

  async #upload(
    repository: string,
    { digest, size }: Descriptor,
    session: URL,
    options: CallOptions,
    body: () => Promise<Readable | Buffer>,
  ): Promise<void> {
    const target = new URL(session);
    // appended as text: the session's own query must stay as it came
    target.search += `${target.search ? '&' : '?'}digest=${encodeURIComponent(
      digest,
    )}`;
    await this.#transport.send(
      {
        method: 'PUT',
        target,
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(size),
        },
        body,
        scopes: [`repository:${repository}:pull,push`],
        repository,
        reference: digest,
        retry: false,
        signal: options.signal,
      },
      response => response.body.dump(),
    );
  }

  async #read(
    repository: string,
    descriptor: Descriptor,
    body: BlobBody,
    source: { failed?: true },
  ): Promise<Readable | Buffer> {
    try {
      const opened = await body();
      if (Buffer.isBuffer(opened)) {
        this.#check(repository, descriptor, opened);
        return opened;
      }
      if (
        opened instanceof VerifyingStream &&
        opened.digest === descriptor.digest
      ) {
        return opened;
      }
      const verified = verifyBlob(
        { host: this.#options.host, repository },
        descriptor,
      );
      opened.on('error', error => verified.destroy(error));
      verified.on('close', () => opened.destroy());
      return opened.pipe(verified);
    } catch (error) {
      source.failed = true;
      throw error;
    }
  }

  #check(repository: string, { digest, size }: Descriptor, bytes: Buffer) {
    const actual = digestOf(bytes, digestAlgorithm(digest));
    if (bytes.length !== size || actual !== digest) {
      throw new DigestMismatchError(
        `the blob to push has ${bytes.length} bytes and digest ${actual}, not ${size} bytes and ${digest}`,
        { host: this.#options.host, repository, reference: digest },
      );
    }
  }

  // a session left open costs the registry disk until it expires, and us nothing
  async #cancel(repository: string, session: URL): Promise<void> {
    try {
      await this.#transport.send(
        {
          method: 'DELETE',
          target: session,
          scopes: [`repository:${repository}:pull,push`],
          repository,
          retry: false,
          signal: AbortSignal.timeout(5_000),
        },
        response => response.body.dump(),
      );
    } catch {
      // many registries do not offer it
    }
  }
}
