import type { Request, RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { TooManyRequestsError } from './TooManyRequestsError';

const MINUTE_MS = 60_000;

/**
 * Counts the writes of each subject in this process; one too many is answered
 * with 429 and `Retry-After`.
 *
 * @param limit - undefined: nothing is counted
 * @param subjectOf - who asks, as authorized
 */
export function limitWrites(
  limit: { perMinute: number } | undefined,
  subjectOf: (request: Request) => string,
): RequestHandler | undefined {
  if (!limit) {
    return undefined;
  }
  return rateLimit({
    windowMs: MINUTE_MS,
    limit: limit.perMinute,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    keyGenerator: request => subjectOf(request as Request),
    handler(request, _response, next) {
      next(
        new TooManyRequestsError(
          `${subjectOf(request as Request)} wrote more than ${
            limit.perMinute
          } times in a minute: ask again after Retry-After`,
        ),
      );
    },
  }) as unknown as RequestHandler;
}
