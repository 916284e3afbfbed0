import { CustomErrorBase } from '@backstage/errors';

/** A body in a form that the route does not read; answered with 415. */
export class UnsupportedMediaTypeError extends CustomErrorBase {
  readonly statusCode = 415;
}
