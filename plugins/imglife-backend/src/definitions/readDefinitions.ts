import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import {
  combineDeclarations,
  type DefinitionFile,
  locate,
} from './combineDeclarations';
import { createConfigSchema } from './configSchema';
import { crossFaults } from './crossFaults';
import type { Definitions } from './Definitions';
import { Faults } from './Faults';
import { resolveDefinitions } from './resolveDefinitions';

/** Options of {@link readDefinitions}. */
export interface ReadDefinitionsOptions {
  /** absolute folder that relative file names start from; default: that of the process */
  cwd?: string;
  /** definition files that count as well */
  files?: DefinitionFile[];
  /** makes a relative URL absolute, as the file's host writes it */
  resolveUrl?(options: { url: string; base: string }): string;
}

/**
 * Reads and validates what the platform team declared under `imglife`, and in
 * definition files.
 *
 * @throws InputError - one message that lists every fault by its config path;
 *   it holds no value that may be secret
 */
export function readDefinitions(
  config: Config,
  options: ReadDefinitionsOptions = {},
): Definitions {
  const cwd = options.cwd ?? process.cwd();
  const value: unknown = config.getOptional('imglife');
  if (value === undefined) {
    throw new InputError(
      'The imglife configuration is missing: add an imglife block to app-config.yaml, with registries and tiers.mirrors and tiers.bases at least',
    );
  }
  const { value: combined, origins } = combineDeclarations(
    value,
    options.files ?? [],
    options.resolveUrl ?? (({ url, base }) => new URL(url, base).href),
  );
  const located = (text: string) => locate(text, origins);
  const faults = Faults.create(located);
  const result = createConfigSchema(cwd).safeParse(combined);
  if (!result.success) {
    faults.addIssues(result.error.issues);
  }
  crossFaults(combined, faults, cwd);
  faults.throwIfAny();
  // without faults there is data; the throw is for the type checker
  if (!result.data) {
    throw new InputError('The imglife configuration could not be read');
  }
  return resolveDefinitions(result.data, located);
}
