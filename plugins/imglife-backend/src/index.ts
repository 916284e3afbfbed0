/**
 * The imglife backend plugin: mirrors, bases and applications.
 *
 * @packageDocumentation
 */
export { imglifePlugin as default } from './plugin';
export {
  EmbeddedBuilder,
  type EmbeddedBuilderOptions,
} from './bases/embedded/EmbeddedBuilder';
export { readContext } from './bases/readContext';
