import type { Request, RequestHandler } from 'express';
import { MemoryStore, rateLimit } from 'express-rate-limit';
import { TooManyRequestsError } from './TooManyRequestsError';

const MINUTE_MS = 60_000;

/**
 * Counts the writes of each subject in this process, by whichever door they
 * come; one too many is refused.
 */
export class WriteLimit {
  readonly #perMinute: number;
  readonly #store = new MemoryStore();

  /** @param limit - undefined: nothing is counted */
  static create(
    limit: { perMinute: number } | undefined,
  ): WriteLimit | undefined {
    return limit && new WriteLimit(limit.perMinute);
  }

  private constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#store.init({ windowMs: MINUTE_MS } as never);
  }

  /**
   * Answers a write too many with 429 and `Retry-After`.
   *
   * @param subjectOf - who asks, as authorized
   */
  middleware(subjectOf: (request: Request) => string): RequestHandler {
    return rateLimit({
      store: this.#store,
      windowMs: MINUTE_MS,
      limit: this.#perMinute,
      standardHeaders: 'draft-7',
      legacyHeaders: false,
      keyGenerator: request => subjectOf(request as Request),
      handler: (request, _response, next) => {
        next(this.#tooMany(subjectOf(request as Request)));
      },
    }) as unknown as RequestHandler;
  }

  /**
   * Counts a write that is no request.
   *
   * @throws TooManyRequestsError - it is one too many
   */
  async count(subject: string): Promise<void> {
    const { totalHits } = await this.#store.increment(subject);
    if (totalHits > this.#perMinute) {
      throw this.#tooMany(subject);
    }
  }

  #tooMany(subject: string): TooManyRequestsError {
    return new TooManyRequestsError(
      `${subject} wrote more than ${
        this.#perMinute
      } times in a minute: ask again after Retry-After`,
    );
  }
}
