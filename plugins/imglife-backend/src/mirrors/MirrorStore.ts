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
}

/** A tag that now has this image at the target. */
export interface PulledTag extends MirrorTagKey {
  upstreamDigest: string;
  image: Pick<ResolvedImage, 'descriptor' | 'images' | 'sizeBytes'>;
  cycles: ImageCycles;
  /** bytes that crossed the wire; 0 when it was there already */
  bytes: number;
  durationMs: number;
  runId: string;
  actor: string;
  /** ISO 8601 UTC */
  at: string;
}

/** What is known of mirrored tags. */
export interface MirrorStore {
  list(mirror: string): Promise<MirrorTagTable[]>;
  /**
   * Records tag, chains and, where the digest changed, one row of pull history,
   * in one transaction. A repeat changes nothing.
   */
  recordPull(pulled: PulledTag): Promise<void>;
  /** Marks a tag failed; a digest that it has stays. */
  recordFailure(key: MirrorTagKey, error: string): Promise<void>;
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
