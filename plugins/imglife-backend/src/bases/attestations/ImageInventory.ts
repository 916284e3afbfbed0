import type { ImagePackages } from './packages/InstalledPackage';

/** A file that a base has on top of what it is built on. */
export interface AddedFile {
  /** absolute, in the image */
  path: string;
  /** bytes */
  size: number;
  /** hex; SPDX asks for it (SPDX 2.3, 8.4) */
  sha1: string;
  /** hex */
  sha256: string;
  /** digest of the layer that it is in */
  layer: string;
}

/** What is truly known of one platform of a base. */
export interface ImageInventory extends ImagePackages {
  /** name of the base */
  name: string;
  /** `host/path` */
  repository: string;
  tag: string;
  /** such as `linux/arm64` */
  platform: string;
  /** of the platform's manifest */
  digest: string;
  /** ISO 8601 UTC */
  created: string;
  /** what it is built on */
  base: {
    /** `host/path` */
    repository: string;
    tag: string;
    /** of the index, or of the manifest where there is only one platform */
    digest: string;
  };
  /** sorted by path; undefined: more than are listed */
  files?: AddedFile[];
}

/** Name of the tool, as documents give it. */
export const TOOL = 'imglife';

/** Hex of a `sha256:` digest. */
export function hexOf(digest: string): string {
  return digest.split(':')[1];
}
