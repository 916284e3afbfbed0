import type { LoggerService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type {
  ImageBuilder,
  ImageSigner,
} from '@imglife/backstage-plugin-imglife-node';
import type { Definitions } from '../../definitions/Definitions';
import { smokeFault } from '../../definitions/builderFaults';
import type { CosignSigner } from '../signing/CosignSigner';
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

/**
 * A smoke command that cannot be run would keep a base from being published.
 *
 * @throws InputError - a base has one, and its builder can run none
 */
export function refuseUnrunnableSmoke(
  definitions: Definitions,
  builders: ReadonlyMap<string, ImageBuilder>,
): void {
  for (const { name, builder, smoke, configPath } of definitions.bases
    .entries) {
    if (smoke && !builders.get(builder)?.smoke) {
      throw new InputError(`${configPath}.smoke: ${smokeFault(name, builder)}`);
    }
  }
}

/**
 * Bases of a signer that is not there would never be published.
 *
 * @throws InputError - a base's signer is registered by nobody
 */
export function refuseUnknownSigners(
  definitions: Definitions,
  signers: ReadonlyMap<string, ImageSigner>,
): void {
  const unknown = definitions.bases.entries
    .flatMap(({ sign = [] }) => sign)
    .find(id => !signers.has(id));
  if (unknown !== undefined) {
    const known = [...signers.keys()].sort().join(', ');
    throw new InputError(
      `imglife.bases.sign: there is no signer "${unknown}"; known: ${known}`,
    );
  }
}

/** Says at start what would else be found out by the first build. */
export async function warnOfMissingPrograms(
  programs: Array<ProgramBuilder | CosignSigner>,
  definitions: Definitions,
  logger: LoggerService,
): Promise<void> {
  const used = new Set(
    definitions.bases.entries.flatMap(({ builder, sign = [] }) => [
      builder,
      ...sign,
    ]),
  );
  for (const builder of programs.filter(({ id }) => used.has(id))) {
    const fault = await builder.findFault();
    if (fault) {
      logger.warn(fault);
    }
  }
}
