/**
 * Tier tables and the base image card for the developer portal.
 *
 * @packageDocumentation
 */
export { imglifePlugin as default } from './plugin';
export { imglifeApiRef } from './api/imglifeApiRef';
export { imglifeTranslationRef } from './translation';
