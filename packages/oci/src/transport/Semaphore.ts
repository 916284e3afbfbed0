/** Lets at most N callers in at a time, first come, first served. */
export class Semaphore {
  static create(slots: number): Semaphore {
    return new Semaphore(slots);
  }

  #free: number;
  /** Who waits, with what to do when the wait is over. */
  readonly #waiting = new Map<() => void, () => void>();

  private constructor(slots: number) {
    this.#free = slots;
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
    const [next] = this.#waiting;
    if (next) {
      const [enter, leave] = next;
      this.#waiting.delete(enter);
      leave();
      enter();
    } else {
      this.#free += 1;
    }
  }
}
