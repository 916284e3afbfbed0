/** Answers that come this soon after a cut were under way before it. */
const EPOCH_MS = 100;

/**
 * How many requests a host may have under way: additive increase with every
 * answer, halved when it says it is busy, at most once in 100 ms, and always
 * between 1 and the ceiling.
 */
export class AimdWindow {
  static create(ceiling: number): AimdWindow {
    return new AimdWindow(ceiling);
  }

  readonly #ceiling: number;
  #size: number;
  #cutAt = -Infinity;

  private constructor(ceiling: number) {
    this.#ceiling = ceiling;
    this.#size = ceiling;
  }

  /** Whole requests. */
  get size(): number {
    return Math.floor(this.#size);
  }

  /** A request was answered: about one more after each round of them. */
  grow(): void {
    this.#size = Math.min(this.#ceiling, this.#size + 1 / this.#size);
  }

  /**
   * The host said it is busy.
   *
   * @param now - milliseconds since the epoch.
   */
  cut(now: number): void {
    if (now - this.#cutAt >= EPOCH_MS) {
      this.#cutAt = now;
      this.#size = Math.max(1, this.#size / 2);
    }
  }
}
