import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { createConfigSchema } from './configSchema';
import { crossFaults } from './crossFaults';
import type { Definitions } from './Definitions';
import { Faults } from './Faults';
import { resolveDefinitions } from './resolveDefinitions';

/**
 * Reads and validates what the platform team declared under `imglife`.
 *
 * @param options - `cwd`: absolute folder that relative file names start from;
 *   the working directory of the process by default
 * @throws InputError - one message that lists every fault by its config path;
 *   it holds no value that may be secret
 */
export function readDefinitions(
  config: Config,
  options: { cwd?: string } = {},
): Definitions {
  const cwd = options.cwd ?? process.cwd();
  const value: unknown = config.getOptional('imglife');
  if (value === undefined) {
    throw new InputError(
      'The imglife configuration is missing: add an imglife block to app-config.yaml, with registries and tiers.mirrors and tiers.bases at least',
    );
  }
  const faults = Faults.create();
  const result = createConfigSchema(cwd).safeParse(value);
  if (!result.success) {
    faults.addIssues(result.error.issues);
  }
  crossFaults(value, faults, cwd);
  faults.throwIfAny();
  // without faults there is data; the throw is for the type checker
  if (!result.data) {
    throw new InputError('The imglife configuration could not be read');
  }
  return resolveDefinitions(result.data);
}
