import type { ResolvedImage } from '@imglife/oci';
import type { MirrorTagTable } from '../database/tables';
import type { ImageCycles } from '../lifecycle/LifecycleService';

/** Which tag of a mirror, in columns. */
export interface MirrorTagKey {
  /** name of the definition */
  mirror: string;
  /** `host/path` */
  repository: string;
  tag: string;
  upstreamRepository: string;
  upstreamTag: string;
}

/** A moved tag that is not overwritten. */
export interface MovedTag extends MirrorTagKey {
  /** at the target */
  digest: string;
  /** of upstream, now */
  pendingDigest: string;
}

/** A tag that now has this image at the target. */
export interface PulledTag extends MirrorTagKey {
  upstreamDigest: string;
  image: Pick<
    ResolvedImage,
    'descriptor' | 'images' | 'sizeBytes' | 'contents'
  >;
  cycles: ImageCycles;
  /** bytes that crossed the wire; 0 when it was there already */
  bytes: number;
  durationMs: number;
  /** what was there was damaged: the same digest is pulled again */
  repaired?: boolean;
  runId: string;
  actor: string;
  /** ISO 8601 UTC */
  at: string;
  /** the platforms that were asked for, joined by a comma; empty: all */
  wantedPlatforms: string;
  /** what people should know of this copy */
  notes: string[];
}

/** When an upstream tag was first asked for, and when its image was made. */
export interface FirstSeen {
  firstSeenAt: string;
  /** or pushed, where the registry tells; undefined: not known */
  imageCreated?: string;
}

/** What is known of mirrored tags. */
export interface MirrorStore {
  list(mirror: string): Promise<MirrorTagTable[]>;
  /**
   * Records tag, chains and, where the digest changed, one row of pull history,
   * in one transaction. A repeat changes nothing.
   */
  recordPull(pulled: PulledTag): Promise<void>;
  /**
   * Keeps that a repository was brought these manifests and blobs.
   *
   * @param repository - `host/path`
   */
  recordContent(repository: string, digests: string[]): Promise<void>;
  /**
   * Repositories of a registry that were brought these manifests and blobs:
   * paths by digest, a few of each.
   */
  findContent(
    registry: string,
    digests: string[],
  ): Promise<Map<string, string[]>>;
  /** Marks a tag failed; a digest that it has stays. */
  recordFailure(key: MirrorTagKey, error: string): Promise<void>;
  /** Upstream moved an immutable tag: what it has now waits for a person. */
  recordMoved(moved: MovedTag): Promise<void>;
  /** The row of one tag at the target. */
  find(repository: string, tag: string): Promise<MirrorTagTable | undefined>;
  /** @returns whether that digest was the one that waits */
  recordAcceptance(
    tag: { repository: string; tag: string; digest: string },
    by: { actor: string; at: string },
  ): Promise<boolean>;
  /**
   * Since when upstream tags are there: the time the image was made where it
   * is known, else when they were first asked for here. What is new is kept.
   */
  firstSeen(
    upstreamRepository: string,
    tags: string[],
    at: string,
  ): Promise<Map<string, FirstSeen>>;
  /** Keeps when the images of upstream tags were made, or pushed. */
  recordCreated(
    upstreamRepository: string,
    created: ReadonlyMap<string, string>,
  ): Promise<void>;
  /** The tags are as upstream has them. */
  recordVerified(repository: string, tags: string[], at: string): Promise<void>;
  /** Upstream no longer lists these tags; the copies stay. */
  recordGone(repository: string, tags: string[]): Promise<void>;
  /** Sets which of the mirror's tags its rules select now. */
  setSelected(
    mirror: string,
    repository: string,
    selected: ReadonlySet<string>,
  ): Promise<void>;
}
