import { z } from 'zod';
import { block, fileField } from './fields';

/** One second, in milliseconds. */
export const SECOND = 1000;
/** One minute, in milliseconds. */
export const MINUTE = 60 * SECOND;
/** One hour, in milliseconds. */
export const HOUR = 60 * MINUTE;
/** One day, in milliseconds. */
export const DAY = 24 * HOUR;

/** Files of authorities and client certificates. */
export function tlsSchema(cwd: string) {
  return block({
    caFile: fileField(cwd).optional(),
    certFile: fileField(cwd).optional(),
    keyFile: fileField(cwd).optional(),
  });
}

/** Which cycles of a product are meant. */
export function cyclesField() {
  return z.union([z.literal(['supported', 'all']), z.int().min(1)], {
    error: 'must be supported, all, or a whole number from 1',
  });
}
