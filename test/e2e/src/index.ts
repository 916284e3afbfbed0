/**
 * The running portal in a real Chromium.
 *
 * @packageDocumentation
 */
export { DemoPortal } from './DemoPortal';
