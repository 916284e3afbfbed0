import { Readable } from 'node:stream';

/** Cuts a content into consecutive pieces of given lengths. */
export class ChunkReader {
  static create(source: Readable | Buffer): ChunkReader {
    return new ChunkReader(
      Buffer.isBuffer(source) ? Readable.from([source]) : source,
    );
  }

  readonly #source: Readable;
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(source: Readable) {
    this.#source = source;
    this.#pieces = source.iterator({ destroyOnReturn: false });
  }

  /** The next piece; it ends in an error when the content ends before it. */
  chunk(length: number): Readable {
    return Readable.from(this.#take(length), { objectMode: false });
  }

  /** Passes over so many bytes. */
  async skip(length: number): Promise<void> {
    for await (const piece of this.#take(length)) {
      // only the source's digest needs it
      void piece;
    }
  }

  /** Ends the source. */
  destroy(): void {
    this.#source.destroy();
  }

  async *#take(length: number): AsyncGenerator<Buffer> {
    let left = length;
    while (left > 0) {
      if (!this.#rest.length) {
        const { done, value } = await this.#pieces.next();
        if (done) {
          throw new Error(`the content ends ${left} bytes early`);
        }
        this.#rest = value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}
