/**
 * Benchmarks, each against a named peer in the same run.
 *
 * @packageDocumentation
 */
export * from './Bench';
export { benches } from './benches';
