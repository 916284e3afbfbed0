import { resolve } from 'node:path';
import type { CliContext } from '../CliContext';
import { exitCodes } from '../exitCodes';
import { readExport, unpackExport } from '../unpackExport';
import { itemLines } from './run';

/** Options of `imglife build --output-dir`. */
export interface ExportOptions {
  /** name of a base; default: what is due of the builder `export` */
  target?: string;
  /** relative to where the command was started */
  outputDir: string;
  /** only say what would be written */
  dryRun?: boolean;
  /** also what is not due */
  force?: boolean;
  output: 'text' | 'json';
}

/**
 * Writes what bases are built from: a folder for each image and platform.
 *
 * @returns the exit code: 1 when a base could not be exported
 */
export async function exportBases(
  options: ExportOptions,
  context: CliContext,
): Promise<number> {
  const { target, outputDir, dryRun, force } = options;
  const archive = await context.api().exportBases({
    ...(target && { name: target }),
    ...(force && { force }),
  });
  const folder = resolve(context.cwd, outputDir);
  const { items, folders } = dryRun
    ? await readExport(archive)
    : await unpackExport(archive, folder);
  if (options.output === 'json') {
    context.print(JSON.stringify({ items, folders }, undefined, 2));
  } else {
    itemLines(items).forEach(line => context.print(line));
    context.print(
      `${folders.length} folders ${
        dryRun ? 'to be written' : 'written'
      } to ${outputDir}`,
    );
  }
  return items.some(({ state }) => state === 'failed')
    ? exitCodes.violation
    : exitCodes.ok;
}
