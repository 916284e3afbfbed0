/**
 * Takes the webhooks of image registries through the events ingress of Backstage.
 *
 * @packageDocumentation
 */
export { eventsModuleImglife as default } from './module';
