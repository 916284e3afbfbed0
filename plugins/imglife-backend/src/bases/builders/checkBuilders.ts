import type { LoggerService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { ImageBuilder } from '@imglife/backstage-plugin-imglife-node';
import type { Definitions } from '../../definitions/Definitions';
import type { ProgramBuilder } from './ProgramBuilder';

/**
 * Bases of a builder that is not there cannot be built.
 *
 * @throws InputError - a base's builder is registered by nobody
 */
export function refuseUnknownBuilders(
  definitions: Definitions,
  builders: ReadonlyMap<string, ImageBuilder>,
): void {
  const unknown = definitions.bases.entries.find(
    ({ builder }) => !builders.has(builder),
  );
  if (unknown) {
    const known = [...builders.keys()].sort().join(', ');
    throw new InputError(
      `imglife.bases.builder: there is no builder "${unknown.builder}", which base ${unknown.name} is of; known: ${known}`,
    );
  }
}

/** Says at start what would else be found out by the first build. */
export async function warnOfMissingPrograms(
  programs: ProgramBuilder[],
  definitions: Definitions,
  logger: LoggerService,
): Promise<void> {
  const used = new Set(definitions.bases.entries.map(base => base.builder));
  for (const builder of programs.filter(({ id }) => used.has(id))) {
    const fault = await builder.findFault();
    if (fault) {
      logger.warn(fault);
    }
  }
}
