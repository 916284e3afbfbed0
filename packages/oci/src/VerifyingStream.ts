import type { Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { hashFor } from './digest';
import { ReadBufferCollector } from './ReadBufferCollector';

/** What a verifying stream checks, and whom it tells. */
export interface VerifyingStreamOptions {
  digest: string;
  /** In bytes. */
  size: number;
  /** Makes the error for content that is not what was promised. */
  mismatch(problem: string): Error;
  /** Called with the length of every chunk, in bytes. */
  onBytes?(count: number): void;
}

/** A few pieces of a connection, in bytes. */
const HIGH_WATER_MARK = 256 * 1024;

/**
 * Passes content through while checking its size and digest. The last chunk is
 * held back until both are right, so that who reads it never gets the whole of
 * a wrong content.
 */
export class VerifyingStream extends Transform {
  static create(options: VerifyingStreamOptions): VerifyingStream {
    return new VerifyingStream(options);
  }

  /** Digest that the content is checked against. */
  readonly digest: string;
  readonly #options: VerifyingStreamOptions;
  readonly #hash: Hash;
  #size = 0;
  #held: Buffer | undefined;

  private constructor(options: VerifyingStreamOptions) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.digest = options.digest;
    this.#options = options;
    this.#hash = hashFor(options.digest);
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: TransformCallback,
  ) {
    const { size, mismatch, onBytes } = this.#options;
    this.#size += chunk.length;
    if (this.#size > size) {
      done(mismatch(`it is longer than the ${size} bytes promised`));
      return;
    }
    this.#hash.update(chunk);
    onBytes?.(chunk.length);
    ReadBufferCollector.shared().read(chunk.length);
    const previous = this.#held;
    this.#held = chunk;
    done(undefined, previous);
  }

  override _flush(done: TransformCallback) {
    const { digest, size, mismatch } = this.#options;
    if (this.#size !== size) {
      done(mismatch(`it has ${this.#size} bytes instead of ${size}`));
      return;
    }
    const actual = `${digest.split(':')[0]}:${this.#hash.digest('hex')}`;
    if (actual !== digest) {
      done(mismatch(`its content has digest ${actual}`));
      return;
    }
    done(undefined, this.#held);
  }
}
