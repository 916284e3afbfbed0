import { CustomErrorBase } from '@backstage/errors';

/** A subject writes more often than it may; answered with 429. */
export class TooManyRequestsError extends CustomErrorBase {
  readonly statusCode = 429;
}
