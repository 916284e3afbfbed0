/**
 * imglife for pipelines: check, register and status.
 *
 * @packageDocumentation
 */
export { runCli, type CliOptions } from './runCli';
export { runOnProcess } from './runOnProcess';
export { exitCodes } from './exitCodes';
