/**
 * OCI distribution client: references, authentication, manifests, blobs and
 * byte-for-byte copies. Knows registries; knows nothing of Backstage.
 *
 * @packageDocumentation
 */
export { chainId, chainIds, EMPTY_LAYER_DIFF_ID } from './chainId';
export { copyImage, type CopyOptions, type CopyResult } from './copyImage';
export { digestOf, hashFor, hasDigest } from './digest';
export {
  DigestMismatchError,
  InvalidReferenceError,
  RegistryError,
  type RegistryErrorOptions,
} from './errors';
export type {
  Descriptor,
  HistoryEntry,
  ImageConfig,
  ImageIndex,
  ImageManifest,
} from './manifests';
export {
  isIndex,
  isManifest,
  isNonDistributable,
  MediaTypes,
} from './mediaTypes';
export { formatPlatform, parsePlatform, type Platform } from './Platform';
export {
  formatReference,
  formatRepository,
  parseReference,
  parseRepository,
  type Reference,
  type RepositoryReference,
} from './Reference';
export type { RegistryAuth } from './auth/Authenticator';
export type { RetryPolicy } from './transport/retryPolicy';
export {
  RegistryClient,
  type BlobSource,
  type CallOptions,
  type FetchedManifest,
  type RegistryClientOptions,
} from './RegistryClient';
export {
  resolveImage,
  type ImageLocation,
  type PlatformImage,
  type ResolvedImage,
} from './resolveImage';
