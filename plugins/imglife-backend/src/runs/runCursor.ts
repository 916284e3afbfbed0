import { InputError } from '@backstage/errors';

/** A cursor that stands behind that run in the order newest first. */
export function formatRunCursor(createdAt: string, id: string): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
}

/**
 * @returns `created_at` and `id` of the run the page starts after
 * @throws InputError - not a cursor of {@link formatRunCursor}
 */
export function parseRunCursor(cursor: string): [string, string] {
  try {
    const parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (
      Array.isArray(parsed) &&
      parsed.length === 2 &&
      parsed.every(part => typeof part === 'string')
    ) {
      return parsed as [string, string];
    }
  } catch {
    // said below, with what to do
  }
  throw new InputError(
    'cursor: not one that this server gave; leave it out to start at the first page',
  );
}
