/**
 * Fills the demo registries and plays the demo CI.
 *
 * @packageDocumentation
 */
export { applications } from './applications';
export type { DemoApplication, ImageRule } from './applications';
export { fillUpstream } from './fillUpstream';
export type { FilledUpstream } from './fillUpstream';
export { runDemoCi } from './runDemoCi';
export type { DemoBuild, DemoCiOptions } from './runDemoCi';
export { upstreamImages } from './upstreamImages';
export type { UpstreamImage } from './UpstreamImage';
