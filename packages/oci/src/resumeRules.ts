const CONTENT_RANGE = /^bytes\s+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i;

/**
 * How many bytes to pass over of an answer to `Range: bytes=<offset>-`, or what
 * is wrong with it (RFC 9110, sections 14.4 and 15.3.7). An answer with the
 * whole content, or with more than was asked for, is used from the offset on.
 *
 * @param size - of the whole content, in bytes.
 */
export function bytesToSkip(
  answer: { status: number; contentRange?: string },
  { offset, size }: { offset: number; size: number },
): number | string {
  if (answer.status === 200) {
    return offset;
  }
  if (answer.status !== 206) {
    return `asked for the rest it answers with ${answer.status}`;
  }
  const [, first, last, total] =
    CONTENT_RANGE.exec(answer.contentRange?.trim() ?? '') ?? [];
  const fits =
    first !== undefined &&
    Number(first) <= offset &&
    Number(last) >= offset &&
    Number(last) < size &&
    (total === '*' || Number(total) === size);
  return fits
    ? offset - Number(first)
    : `asked for the rest from byte ${offset} of ${size} it answers with 'Content-Range: ${
        answer.contentRange?.slice(0, 100) ?? ''
      }'`;
}

/** So many bytes since the last failure are progress. */
const PROGRESS_BYTES = 1024 * 1024;
/** So is having gone on for so long. */
const PROGRESS_MS = 60_000;

/**
 * Counts the failures of a transfer since it last made progress, so that a
 * long one is not given up for failing now and then.
 */
export class Progress {
  static create(now: () => Date): Progress {
    return new Progress(now);
  }

  readonly #now: () => Date;
  #failures = 0;
  #bytes = 0;
  #at: number;

  private constructor(now: () => Date) {
    this.#now = now;
    this.#at = now().getTime();
  }

  /**
   * Counts a failure and answers how many there were without progress, this
   * one included.
   *
   * @param bytes - transferred in all.
   */
  failed(bytes: number): number {
    const now = this.#now().getTime();
    const progressed =
      bytes - this.#bytes >= PROGRESS_BYTES || now - this.#at > PROGRESS_MS;
    this.#failures = progressed ? 1 : this.#failures + 1;
    this.#bytes = Math.max(bytes, this.#bytes);
    this.#at = now;
    return this.#failures;
  }
}
