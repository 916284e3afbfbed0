import { InputError } from '@backstage/errors';
import type { z } from 'zod';

/**
 * Reads a body or query with its schema.
 *
 * @throws InputError - naming every fault by its field, such as
 *   `image: must not contain NUL …; fields.job: …`
 */
export function parseInput<T extends z.ZodType>(
  schema: T,
  value: unknown,
): z.infer<T> {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new InputError(
      result.error.issues
        .map(issue => `${issue.path.join('.') || 'request'}: ${issue.message}`)
        .join('; '),
    );
  }
  return result.data;
}
