import { isError, ServiceUnavailableError } from '@backstage/errors';

// SQLSTATE: connection exceptions, a server that shuts down or starts, and one
// that has no connection left (PostgreSQL, Appendix A)
const OUTAGE = /^(08...|57P0[1-5]|53300)$/;
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
// What pg and Knex say without a code
const SAID =
  /^Connection terminated|^Client has encountered a connection error|^Connection ended unexpectedly|^Knex: Timeout acquiring a connection|^timeout expired/;

/**
 * What a failed request is answered with: 503 where the database was away, for
 * the caller to try again, else the error itself. Errors of registries have
 * their own types and are none of the database.
 */
export function databaseOutage(error: unknown): unknown {
  return isOutage(error)
    ? new ServiceUnavailableError(
        'the database cannot be reached just now; nothing is lost by trying again',
        error as Error,
      )
    : error;
}

function isOutage(error: unknown): boolean {
  if (error instanceof AggregateError) {
    return error.errors.some(isOutage);
  }
  if (!isError(error) && !(error instanceof Error)) {
    return false;
  }
  const { code, name, message } = error as Error & { code?: unknown };
  if (name === 'KnexTimeoutError') {
    return true;
  }
  // those of `@backstage/errors` and of registries say what they are
  const isPlain =
    name === 'Error' || name === 'error' || name === 'DatabaseError';
  return (
    isPlain &&
    ((typeof code === 'string' && (OUTAGE.test(code) || NETWORK.has(code))) ||
      SAID.test(message))
  );
}
