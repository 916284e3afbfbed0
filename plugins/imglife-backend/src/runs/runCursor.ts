import { z } from 'zod';
import { cursorText, readCursor, writeCursor } from '../database/readCursor';

const schema = z.tuple([cursorText, cursorText, z.literal([0, 1])]);

/** A place in the order newest first. */
export interface RunCursor {
  /** of the run that the page begins beside, ISO 8601 UTC */
  createdAt: string;
  id: string;
  /** whether the page lies before that run: its runs are newer */
  backward: boolean;
}

/** Opaque text for a URL. */
export function formatRunCursor(cursor: RunCursor): string {
  const { createdAt, id, backward } = cursor;
  return writeCursor([createdAt, id, backward ? 1 : 0]);
}

/** @throws InputError - not a cursor of {@link formatRunCursor} */
export function parseRunCursor(cursor: string): RunCursor {
  const [createdAt, id, backward] = readCursor(cursor, schema);
  return { createdAt, id, backward: backward === 1 };
}
