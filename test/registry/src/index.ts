/**
 * An OCI distribution registry in Node, for the tests and the demo.
 *
 * @packageDocumentation
 */
export * from './components';
export { digestOf } from './digest';
export { makeImage } from './makeImage';
export type { ImageSpec, MadeImage } from './makeImage';
export { makeLayer, makeTar } from './makeLayer';
export type { LayerFiles, MadeLayer } from './makeLayer';
export { RegistryHttp } from './RegistryHttp';
export * from './pushImage';
export { TestRegistry } from './TestRegistry';
export type { TestRegistryOptions } from './TestRegistryOptions';
export type { BlobOrigin, OriginRequest } from './BlobOrigin';
export type { Fault, FaultAction, FaultSpec } from './Faults';
export type { RegistryCapabilities } from './RegistryCapabilities';
export type { OpenUpload, RegistryStorage } from './RegistryStorage';
export type { RecordedRequest } from './RequestLog';
export type { RequestKind } from './requestKind';
export type { RequestLine } from './exchange';
