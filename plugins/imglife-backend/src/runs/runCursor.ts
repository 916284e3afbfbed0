import { z } from 'zod';
import { cursorText, readCursor, writeCursor } from '../database/readCursor';

const schema = z.tuple([cursorText, cursorText]);

/** A cursor that stands behind that run in the order newest first. */
export function formatRunCursor(createdAt: string, id: string): string {
  return writeCursor([createdAt, id]);
}

/**
 * @returns `created_at` and `id` of the run the page starts after
 * @throws InputError - not a cursor of {@link formatRunCursor}
 */
export function parseRunCursor(cursor: string): [string, string] {
  return readCursor(cursor, schema);
}
