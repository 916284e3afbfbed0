/**
 * OCI distribution client: references, authentication, manifests, blobs and
 * byte-for-byte copies.
 *
 * @packageDocumentation
 */
export type { RegistryAuth } from './auth/createCredentialSource';
export type { Credentials } from './auth/CredentialSource';
export { MAX_BLOB_IN_MEMORY } from './BlobStore';
export type { BlobBody } from './BlobSource';
export { chainId, chainIds, EMPTY_LAYER_DIFF_ID } from './chainId';
export { BlobLedger } from './copy/BlobLedger';
export type {
  BlobLedgerOptions,
  BlobWays,
  LedgerPlace,
} from './copy/BlobLedger';
export { BlobPlaces } from './copy/BlobPlaces';
export {
  copyImage,
  type CopyOptions,
  type CopyResult,
  type CopyTarget,
} from './copy/copyImage';
export { copyReferrers, type CopyReferrersOptions } from './copy/copyReferrers';
export { findDamage, type Damage } from './copy/findDamage';
export { planCopy, type CopyPlan } from './copy/planCopy';
export { digestOf, isDigest, type DigestAlgorithm } from './digest';
export * from './errors';
export type { FetchedManifest } from './ManifestStore';
export type {
  ContainerConfig,
  Descriptor,
  HistoryEntry,
  ImageConfig,
  ImageIndex,
  ImageManifest,
} from './manifests';
export {
  isForeignLayer,
  isImageConfig,
  isImageManifest,
  isIndex,
  MediaTypes,
} from './mediaTypes';
export { bareType, parseImageConfig, parseManifest } from './parseManifest';
export {
  formatPlatform,
  normalizePlatform,
  parsePlatform,
  type Platform,
} from './Platform';
export { isAttestation, type ImageLocation } from './readImageTree';
export {
  formatReference,
  formatRepository,
  normalizeRegistry,
  parseReference,
  parseRepository,
  type Reference,
  type RepositoryReference,
} from './Reference';
export { DigestTags } from './referrers/DigestTags';
export type { TagDates } from './hub/HubTagDates';
export { pushReferrer, type Referrer } from './referrers/pushReferrer';
export * from './RegistryClient';
export {
  removeTag,
  type RemovedTag,
  type RemoveTagOptions,
} from './remove/removeTag';
export { TagSurvey, type TagSurveyOptions } from './remove/TagSurvey';
export {
  resolveImage,
  type PlatformImage,
  type ResolvedImage,
} from './resolveImage';
export type { AllowedHosts, TlsOptions } from './transport/Connections';
export { systemEnvironment, type Environment } from './transport/Environment';
export type { Quota } from './transport/QuotaWatch';
export type { Timeouts } from './transport/Timeouts';
export type { Timing } from './transport/Timing';
export type { RegistryWarning } from './transport/Warnings';
export type { MountSource } from './UploadSessions';
