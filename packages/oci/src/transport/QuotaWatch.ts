/** What a registry last said of the requests that are left to us. */
export interface Quota {
  remaining: number;
  /** Requests per window. */
  limit?: number;
  windowSeconds?: number;
  observedAt: Date;
}

/** One HEAD after so long tells anew what is left. */
const BELIEVED_MS = 15 * 60_000;

type HeaderReader = (name: string) => string | undefined;

/**
 * Watches `ratelimit-remaining` and `ratelimit-limit` (`100;w=21600`, Docker
 * Hub) and `x-ratelimit-…` (GHCR). A registry that sends neither is unlimited
 * as far as we know.
 */
export class QuotaWatch {
  static create(now: () => Date): QuotaWatch {
    return new QuotaWatch(now);
  }

  readonly #now: () => Date;
  #last: Quota | undefined;

  private constructor(now: () => Date) {
    this.#now = now;
  }

  /** Takes the headers of an answer, by their lower case names. */
  observe(header: HeaderReader): void {
    for (const prefix of ['ratelimit', 'x-ratelimit']) {
      const remaining = parseLimit(header(`${prefix}-remaining`));
      if (remaining) {
        const limit = parseLimit(header(`${prefix}-limit`));
        this.#last = {
          remaining: remaining.count,
          limit: limit?.count,
          windowSeconds: remaining.windowSeconds ?? limit?.windowSeconds,
          observedAt: this.#now(),
        };
        return;
      }
    }
  }

  /**
   * What was last told, or undefined when nothing was, or so long ago (the
   * window, a quarter of an hour at most) that it is worth asking again.
   */
  current(): Quota | undefined {
    const { observedAt, windowSeconds = Infinity } = this.#last ?? {};
    const age = this.#now().getTime() - (observedAt?.getTime() ?? 0);
    return age < Math.min(BELIEVED_MS, windowSeconds * 1000)
      ? this.#last
      : undefined;
  }

  /**
   * Whether there is enough left to go on discovering: a tenth of what is
   * still to do, and one at least. Unknown is enough.
   *
   * @param todo - images that are known to need pulling.
   */
  allows(todo: number): boolean {
    const { remaining = Infinity } = this.current() ?? {};
    return remaining >= Math.max(todo / 10, 1);
  }

  /** Milliseconds until `current` forgets what it was told. */
  forgottenAfterMs(): number {
    const { observedAt, windowSeconds = Infinity } = this.current() ?? {};
    const life = Math.min(BELIEVED_MS, windowSeconds * 1000);
    return observedAt ? observedAt.getTime() + life - this.#now().getTime() : 0;
  }
}

/** `76;w=21600`, or `76`. */
function parseLimit(
  header: string | undefined,
): { count: number; windowSeconds?: number } | undefined {
  const [, count, window] =
    /^\s*(\d{1,15})\s*(?:;\s*w=(\d{1,9}))?/.exec(header ?? '') ?? [];
  return count === undefined
    ? undefined
    : {
        count: Number(count),
        windowSeconds: window === undefined ? undefined : Number(window),
      };
}
