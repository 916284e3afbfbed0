/**
 * At most so many requests in a second: a token bucket that holds one token,
 * so that requests are spread evenly and never come in bursts.
 */
export class RequestRate {
  /** @param perSecond - above 0; undefined: no limit. */
  static create(perSecond: number | undefined): RequestRate {
    return new RequestRate(perSecond ? 1000 / perSecond : 0);
  }

  readonly #intervalMs: number;
  #next = 0;

  private constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /**
   * Takes the next token and answers how long to wait for it, in milliseconds.
   *
   * @param now - milliseconds since the epoch.
   */
  take(now: number): number {
    const at = Math.max(now, this.#next);
    this.#next = at + this.#intervalMs;
    return at - now;
  }
}
