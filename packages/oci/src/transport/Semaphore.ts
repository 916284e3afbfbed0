/** Lets at most so many callers in at a time, first come, first served. */
export class Semaphore {
  static create(slots: number): Semaphore {
    return new Semaphore(slots);
  }

  #slots: number;
  /** Negative while more are in than there are slots now. */
  #free: number;
  /** Who waits, with what to do when the wait is over. */
  readonly #waiting = new Map<() => void, () => void>();

  private constructor(slots: number) {
    this.#slots = slots;
    this.#free = slots;
  }

  /** Changes the number of slots; who is in stays in. */
  resize(slots: number): void {
    this.#free += slots - this.#slots;
    this.#slots = slots;
    while (this.#free > 0 && this.#waiting.size) {
      this.#free -= 1;
      this.#admit();
    }
  }

  /**
   * Waits for a slot and answers the function that gives it back, which may be
   * called more than once. Rejects with the signal's reason when aborted.
   */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      await this.#queue(signal);
    }
    let held = true;
    return () => {
      if (held) {
        held = false;
        this.#release();
      }
    };
  }

  #queue(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(resolve);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.set(resolve, () =>
        signal?.removeEventListener('abort', abort),
      );
    });
  }

  #release() {
    if (this.#free >= 0 && this.#waiting.size) {
      this.#admit();
    } else {
      this.#free += 1;
    }
  }

  #admit() {
    const [[enter, leave]] = this.#waiting;
    this.#waiting.delete(enter);
    leave();
    enter();
  }
}
