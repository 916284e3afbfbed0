import type { CliContext } from '../CliContext';
import { exitCodes } from '../exitCodes';

/** Forgets a registered image; its history stays. */
export async function forget(
  image: string,
  context: CliContext,
): Promise<number> {
  await context.api().forget(image);
  context.print(`forgot ${image}`);
  return exitCodes.ok;
}
