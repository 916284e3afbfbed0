import { isError } from '@backstage/errors';

// as the root HTTP router of Backstage maps them
const statusOf: Record<string, number> = {
  InputError: 400,
  AuthenticationError: 401,
  NotAllowedError: 403,
  NotFoundError: 404,
  ConflictError: 409,
  ServiceUnavailableError: 503,
};

/**
 * An error as the framework would answer it, for one part of a request. What is
 * no error of `@backstage/errors` is 500, and does not tell what is inside.
 */
export function errorAnswer(error: unknown): {
  status: number;
  error: { name: string; message: string };
} {
  const status = isError(error) ? statusOf[error.name] : undefined;
  return isError(error) && status
    ? { status, error: { name: error.name, message: error.message } }
    : {
        status: 500,
        error: {
          name: 'Error',
          message: 'internal error; it may be posted again',
        },
      };
}
