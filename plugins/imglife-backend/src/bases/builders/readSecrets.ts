import { readFile } from 'node:fs/promises';
import { InputError } from '@backstage/errors';
import type { BuildSecret } from '@imglife/backstage-plugin-imglife-node';

/**
 * Contents of secret files, so that they can be masked wherever a program
 * shows them.
 *
 * @throws InputError - a file cannot be read
 */
export async function readSecrets(
  secrets: ReadonlyArray<BuildSecret>,
): Promise<string[]> {
  return Promise.all(
    secrets.map(async ({ id, file }) => {
      try {
        return await readFile(file, 'utf8');
      } catch (error) {
        throw new InputError(
          `The file of secret ${id} (imglife.bases.secrets) cannot be read: ${
            (error as NodeJS.ErrnoException).code
          }`,
        );
      }
    }),
  );
}
