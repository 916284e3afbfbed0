import { InputError } from '@backstage/errors';
import express, { type RequestHandler } from 'express';
import { UnsupportedMediaTypeError } from './UnsupportedMediaTypeError';

const LIMIT_KB = 100;

/**
 * Reads a JSON body of at most 100 kB. What cannot be read is refused as
 * `body: …`: 415 of another content type, 413 when it is too large, else 400.
 */
export function readBody(): RequestHandler {
  const parse = express.json({ limit: `${LIMIT_KB}kb` });
  return (request, response, next) => {
    // null: there is no body, and the schema says what is missing
    if (request.is('application/json') === false) {
      throw new UnsupportedMediaTypeError(
        `body: its content-type must be application/json, not ${request.headers['content-type']}`,
      );
    }
    parse(request, response, error => next(error && worded(error)));
  };
}

function worded(error: Error & { type?: string }): Error {
  switch (error.type) {
    case 'entity.parse.failed':
      return new InputError(`body: no JSON object: ${error.message}`);
    case 'entity.too.large':
      error.message = `body: larger than ${LIMIT_KB} kB`;
      return error;
    default:
      return error;
  }
}
