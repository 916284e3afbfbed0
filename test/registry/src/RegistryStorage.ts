import { Readable } from 'node:stream';

/** A manifest as it was pushed: its media type and its exact bytes. */
export interface StoredManifest {
  mediaType: string;
  bytes: Buffer;
}

/** A descriptor as the referrers API lists it (distribution-spec, "Listing referrers"). */
export interface ReferrerDescriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  annotations?: Record<string, string>;
}

/** First and last byte of a part of a blob, both inclusive. */
export interface ByteRange {
  start: number;
  end: number;
}

/** An upload that was neither finished nor cancelled. */
export interface OpenUpload {
  repository: string;
  id: string;
  /** Bytes received so far. */
  size: number;
}

/**
 * Where a registry keeps what it was given. Names and digests were checked
 * by the caller. Blobs are kept once by digest; a link says which repository
 * may see which one.
 */
export interface RegistryStorage {
  /** Size of a blob in bytes; undefined when the repository has no such blob. */
  statBlob(
    repository: string,
    digest: string,
  ): Promise<{ size: number } | undefined>;
  /** Bytes of a blob that `statBlob` found. */
  readBlob(digest: string, range?: ByteRange): Readable;
  /** Makes a known blob visible in one more repository. */
  linkBlob(repository: string, digest: string): Promise<void>;
  /** Hides a blob from a repository; false when it was not there. */
  unlinkBlob(repository: string, digest: string): Promise<boolean>;

  /** Opens an upload and returns its id. */
  startUpload(repository: string): Promise<string>;
  /** Bytes received so far; undefined when there is no such upload. */
  uploadSize(repository: string, id: string): Promise<number | undefined>;
  /** Appends a body; what arrived before it broke off stays. */
  appendUpload(repository: string, id: string, body: Readable): Promise<void>;
  /** Cuts an upload back to a size in bytes. */
  truncateUpload(repository: string, id: string, size: number): Promise<void>;
  /** Turns an upload into a blob; false (and nothing stored) when its digest is another. The upload ends either way. */
  finishUpload(
    repository: string,
    id: string,
    digest: string,
  ): Promise<boolean>;
  /** Forgets an upload; false when there is none. */
  cancelUpload(repository: string, id: string): Promise<boolean>;
  /** Uploads that are open, in any order. */
  listUploads(): Promise<OpenUpload[]>;

  /** A manifest by digest. */
  getManifest(
    repository: string,
    digest: string,
  ): Promise<StoredManifest | undefined>;
  /** Stores a manifest; from then on the repository exists. */
  putManifest(
    repository: string,
    digest: string,
    manifest: StoredManifest,
  ): Promise<void>;
  /** Removes a manifest; false when it was not there. */
  deleteManifest(repository: string, digest: string): Promise<boolean>;

  /** The digest a tag points at. */
  getTag(repository: string, tag: string): Promise<string | undefined>;
  /** Points a tag at a digest, at once. */
  putTag(repository: string, tag: string, digest: string): Promise<void>;
  /** Removes a tag; false when it was not there. */
  deleteTag(repository: string, tag: string): Promise<boolean>;
  /** All tags in any order; undefined when the repository does not exist. */
  listTags(repository: string): Promise<string[] | undefined>;

  /** Records that a manifest refers to a subject. */
  putReferrer(
    repository: string,
    subject: string,
    descriptor: ReferrerDescriptor,
  ): Promise<void>;
  /** Forgets that a manifest refers to a subject. */
  deleteReferrer(
    repository: string,
    subject: string,
    digest: string,
  ): Promise<void>;
  /** Who refers to a subject, in any order. */
  listReferrers(
    repository: string,
    subject: string,
  ): Promise<ReferrerDescriptor[]>;

  /** Every repository that exists, in any order. */
  listRepositories(): Promise<string[]>;
}
