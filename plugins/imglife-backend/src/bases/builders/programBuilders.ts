import type { Definitions } from '../../definitions/Definitions';
import { BuildahDriver } from './BuildahDriver';
import { BuildkitDriver } from './BuildkitDriver';
import { DockerDriver } from './DockerDriver';
import { ProgramBuilder, type ProgramBuilderOptions } from './ProgramBuilder';

/** The builders that are programs on this machine. */
export function programBuilders(
  settings: Definitions['bases']['builders'],
  options: ProgramBuilderOptions,
): ProgramBuilder[] {
  return [
    BuildahDriver.create(settings.buildah),
    DockerDriver.create(settings.docker),
    BuildkitDriver.create(settings.buildkit),
  ].map(driver => ProgramBuilder.create(driver, options));
}
