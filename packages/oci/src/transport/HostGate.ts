import { RegistryError } from '../errors';
import { AimdWindow } from './AimdWindow';
import { RequestRate } from './RequestRate';
import { RETRY } from './retryPolicy';
import { Semaphore } from './Semaphore';
import type { Timing } from './Timing';

interface HostGateOptions {
  host: string;
  /** Most requests at a time. */
  concurrency: number;
  requestsPerSecond?: number;
  timing: Timing;
}

/**
 * What every request to a host passes: the pause the host asked for, a window
 * that shrinks while the host is busy, and the request rate.
 */
export class HostGate {
  static create(options: HostGateOptions): HostGate {
    return new HostGate(options);
  }

  readonly #host: string;
  readonly #timing: Timing;
  readonly #slots: Semaphore;
  readonly #window: AimdWindow;
  readonly #rate: RequestRate;
  #pausedUntil = 0;

  private constructor(options: HostGateOptions) {
    this.#host = options.host;
    this.#timing = options.timing;
    this.#slots = Semaphore.create(options.concurrency);
    this.#window = AimdWindow.create(options.concurrency);
    this.#rate = RequestRate.create(options.requestsPerSecond);
  }

  /**
   * Waits to be let in and answers the function that leaves again. No slot is
   * held during a pause. Throws as `untilOpen` does.
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    for (;;) {
      await this.untilOpen(signal);
      const leave = await this.#slots.acquire(signal);
      // the pause may have begun while this one was waiting in the queue
      if (this.#pausedUntil <= this.#now()) {
        return leave;
      }
      leave();
    }
  }

  /**
   * Waits while the host is paused. Throws RegistryError when it wants to be
   * left alone for longer than is waited for.
   */
  async untilOpen(signal?: AbortSignal): Promise<void> {
    const wait = this.#pausedUntil - this.#now();
    if (wait > RETRY.maxRetryAfterMs) {
      const until = new Date(this.#pausedUntil).toISOString();
      throw new RegistryError(
        `it asked for no more requests (Retry-After); it is left alone until ${until}`,
        { host: this.#host, retryable: true, retryAfterMs: wait },
      );
    }
    if (wait > 0) {
      await this.#timing.sleep(wait, signal);
    }
  }

  /** Waits for the request's turn by the request rate. */
  async turn(signal?: AbortSignal): Promise<void> {
    const wait = this.#rate.take(this.#now());
    if (wait > 0) {
      await this.#timing.sleep(wait, signal);
    }
  }

  /** The host answered, and whether it is too busy (429, 503). */
  answered(status: number): void {
    if (status === 429 || status === 503) {
      this.#window.cut(this.#now());
    } else {
      this.#window.grow();
    }
    this.#slots.resize(this.#window.size);
  }

  /** The host wants no requests for so many milliseconds; a quarter of an hour is believed at most. */
  pause(milliseconds: number): void {
    const until = this.#now() + Math.min(milliseconds, RETRY.maxPauseMs);
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  #now(): number {
    return this.#timing.now().getTime();
  }
}
