import {
  isConnectionError,
  isRetryableStatus,
  parseRetryAfter,
  retryDelay,
} from './retryPolicy';

const now = new Date('2026-11-23T10:00:00Z');

it.each([
  [200, false],
  [401, false],
  [404, false],
  [408, true],
  [429, true],
  [500, true],
  [501, false],
  [503, true],
])('status %d is tried again: %s', (status, expected) => {
  expect(isRetryableStatus(status)).toBe(expected);
});

it.each([
  ['7', 7_000],
  [' 0 ', 0],
  ['Mon, 23 Nov 2026 10:00:30 GMT', 30_000],
  ['Mon, 23 Nov 2026 09:00:00 GMT', 0],
  ['1795428030', 30_000],
  ['1000000000', 0],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After %j is %s ms', (header, expected) => {
  expect(parseRetryAfter(header, now)).toBe(expected);
});

it.each([
  ['doubles', 1, { retryable: true }, 0, 125],
  ['doubles', 1, { retryable: true }, 1, 250],
  ['doubles', 3, { retryable: true }, 1, 1000],
  ['waits as asked', 1, { retryable: true, retryAfterMs: 9_000 }, 1, 9_000],
  ['never waits less', 3, { retryable: true, retryAfterMs: 1 }, 1, 1000],
  ['gives up', 5, { retryable: true }, 0, undefined],
  ['gives up', 1, { retryable: false }, 0, undefined],
  ['gives up', 1, { retryable: true, retryAfterMs: 3_600_000 }, 0, undefined],
])('%s after attempt %d of %j', (_, attempt, failure, random, expected) => {
  expect(retryDelay(attempt, failure, random)).toBe(expected);
});

it.each([
  [Object.assign(new Error('x'), { code: 'ECONNRESET' }), true],
  [Object.assign(new Error('x'), { code: 'UND_ERR_SOCKET' }), true],
  [
    new AggregateError([Object.assign(new Error('x'), { code: 'ETIMEDOUT' })]),
    true,
  ],
  [Object.assign(new Error('x'), { code: 'ERR_TLS_CERT_ALTNAME' }), false],
  [new Error('x'), false],
  ['ECONNRESET', false],
])('%s is a broken connection: %s', (error, expected) => {
  expect(isConnectionError(error)).toBe(expected);
});
