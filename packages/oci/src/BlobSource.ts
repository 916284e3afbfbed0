import type { Readable } from 'node:stream';
import { digestAlgorithm, digestOf } from './digest';
import { DigestMismatchError, RegistryError } from './errors';
import type { Descriptor } from './manifests';
import { verifyBlob } from './verifyBlob';
import { VerifyingStream } from './VerifyingStream';

/** Makes the content of a blob, anew for every attempt. */
export type BlobBody = () => Readable | Buffer | Promise<Readable | Buffer>;

/**
 * The content of a blob to push, verified on the way. Remembers whether it was
 * the content that failed, and not the registry it goes to.
 */
export class BlobSource {
  static create(
    at: { host: string; repository: string },
    descriptor: Descriptor,
    body: BlobBody,
  ): BlobSource {
    return new BlobSource(at, descriptor, body);
  }

  readonly #at: { host: string; repository: string };
  readonly #descriptor: Descriptor;
  readonly #body: BlobBody;
  #failure: unknown;

  private constructor(
    at: { host: string; repository: string },
    descriptor: Descriptor,
    body: BlobBody,
  ) {
    this.#at = at;
    this.#descriptor = descriptor;
    this.#body = body;
  }

  /** What went wrong with the content: it is not worth pushing again. */
  get failure(): unknown {
    return this.#failure;
  }

  async open(): Promise<Readable | Buffer> {
    try {
      const opened = await this.#body();
      if (Buffer.isBuffer(opened)) {
        this.#check(opened);
        return opened;
      }
      const verified =
        opened instanceof VerifyingStream &&
        opened.digest === this.#descriptor.digest
          ? opened
          : this.#verified(opened);
      return verified.on('error', error => {
        // a connection of the push that breaks ends this stream too
        if (error instanceof RegistryError) {
          this.#failure = error;
        }
      });
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #verified(opened: Readable): Readable {
    const verified = verifyBlob(this.#at, this.#descriptor);
    opened.on('error', error => verified.destroy(error));
    verified.on('close', () => opened.destroy());
    return opened.pipe(verified);
  }

  #check(bytes: Buffer) {
    const { digest, size } = this.#descriptor;
    const actual = digestOf(bytes, digestAlgorithm(digest));
    if (bytes.length !== size || actual !== digest) {
      throw new DigestMismatchError(
        `the blob to push has ${bytes.length} bytes and digest ${actual}, not ${size} bytes and ${digest}`,
        { ...this.#at, reference: digest },
      );
    }
  }
}
