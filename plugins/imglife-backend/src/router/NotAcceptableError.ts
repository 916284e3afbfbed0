import { CustomErrorBase } from '@backstage/errors';

/** The client accepts no form that the route has; answered with 406. */
export class NotAcceptableError extends CustomErrorBase {
  readonly statusCode = 406;
}
