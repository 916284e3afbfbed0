/**
 * imglife for pipelines: check, register and status.
 *
 * @packageDocumentation
 */
export { runCli, type CliOptions } from './runCli';
export { exitCodes } from './exitCodes';
