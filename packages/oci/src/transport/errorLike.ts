/** What is of interest in an error. */
export interface ErrorLike {
  name?: string;
  message: string;
  code?: string;
  cause?: unknown;
  /** Of an AggregateError, such as a connection tried on several addresses. */
  errors?: unknown[];
}

/**
 * Anything with a message as an error. Errors of Node's core are not always
 * instances of the Error that a module sees: test runners have their own.
 */
export function errorLike(error: unknown): ErrorLike | undefined {
  return typeof error === 'object' &&
    error !== null &&
    'message' in error &&
    typeof error.message === 'string'
    ? (error as ErrorLike)
    : undefined;
}
