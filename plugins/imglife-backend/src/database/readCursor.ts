import { InputError } from '@backstage/errors';
import { text } from '@imglife/backstage-plugin-imglife-common';
import { z } from 'zod';

const MAX_INTEGER = 2_147_483_647;

/** Text within a cursor: what no database can hold is in none that we gave. */
export const cursorText = text(1000);

/** A number within a cursor: an id or rank, as wide as its column (32 bits). */
export const cursorInteger = z.int().min(0).max(MAX_INTEGER);

/** Opaque text for a URL. */
export function writeCursor(parts: unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * Reads what {@link writeCursor} wrote. Anyone may write a cursor by hand, so
 * that each part is checked before it gets to the database.
 *
 * @throws InputError - not one that this list gave
 */
export function readCursor<T>(cursor: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(decode(cursor));
  if (!result.success) {
    throw new InputError(
      'cursor: not one that this server gave for this list and order; leave it out to start at the first page',
    );
  }
  return result.data;
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
