import type { ResolvedImage } from '@imglife/oci';
import type { ImageCycles } from '../lifecycle/LifecycleService';

/** A tag of a mirror that was there before us. */
export interface AdoptedMirrorTag {
  /** name of the definition */
  mirror: string;
  /** `host/path` */
  repository: string;
  upstreamRepository: string;
  tag: string;
  image: ResolvedImage;
  /** ISO 8601 UTC */
  at: string;
}

/** A tag of a base that was there before us, taken apart. */
export interface AdoptedBaseTag {
  /** name of the definition */
  name: string;
  kind: string;
  owner?: string;
  /** `host/path` */
  repository: string;
  tag: string;
  upstreamTag: string;
  coreVersion: string;
  /** `host/path:tag` of what it would be built on today */
  source?: string;
  cycles: ImageCycles;
  image: ResolvedImage;
  /** ISO 8601 UTC */
  at: string;
}

/** Records what existed before us. */
export interface AdoptionStore {
  /** Whether a run of that kind waits or runs for that entry, or for all. */
  isBusy(kind: 'sync' | 'verify' | 'build', target: string): Promise<boolean>;
  /** The tags of a repository that a mirror or base has a row of. */
  recordedTags(repository: string): Promise<Set<string>>;
  /** The digest that is on record of a tag of a mirror or base. */
  recordedDigest(repository: string, tag: string): Promise<string | undefined>;
  /** Row and chains in one transaction; a row that exists stays as it is. */
  adoptMirrorTag(adopted: AdoptedMirrorTag): Promise<void>;
  /** Row and chains in one transaction; a row that exists stays as it is. */
  adoptBaseTag(adopted: AdoptedBaseTag): Promise<void>;
}
