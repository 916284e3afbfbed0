import { stringifyError } from '@backstage/errors';

/**
 * Does one thing after the other, all of them, whatever becomes of each.
 *
 * @throws AggregateError - of what failed, once all is done; its message has
 *   theirs
 */
export async function inOrder(
  steps: ReadonlyArray<() => Promise<unknown>>,
): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length) {
    throw new AggregateError(errors, errors.map(stringifyError).join('; '));
  }
}
