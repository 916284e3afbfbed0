/**
 * Container images of imglife as catalog entities, with their relations.
 *
 * @packageDocumentation
 */
export { catalogModuleImglife as default } from './module';
