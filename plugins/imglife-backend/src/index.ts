/**
 * The imglife backend plugin: mirrors, bases and applications.
 *
 * @packageDocumentation
 */
export { imglifePlugin as default } from './plugin';
