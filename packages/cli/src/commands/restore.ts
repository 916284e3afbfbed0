import type { CliContext } from '../CliContext';
import { showRun, type ShowRunOptions } from './run';

/**
 * Brings an image back from the archive of retention.
 *
 * @returns the exit code: 1 when the run waited for did not succeed
 */
export async function restore(
  reference: string,
  options: ShowRunOptions,
  context: CliContext,
): Promise<number> {
  const { id } = await context.api().restore({ reference });
  return showRun({ id, kind: 'restore' }, options, context);
}
