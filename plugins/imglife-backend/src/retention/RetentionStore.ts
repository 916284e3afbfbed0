import type { Tier } from '@imglife/backstage-plugin-imglife-common';
import type { RemovalTable } from '../database/tables';
import type { UsageFacts } from './usageFault';

/** A tag that is there, as its tier's table knows it. */
export interface StoredTag {
  /** of the row */
  id: number;
  tag: string;
  digest: string;
  family: string;
  cycle?: string;
  versionKey: string;
  /** our pull, build or registration, or when it was brought back; ISO 8601 UTC */
  publishedAt?: string;
  isWithdrawn: boolean;
  /** of a mirror: its rules select it; of an application: it is current */
  isCurrent: boolean;
  /** every digest that it ever had, its children's included */
  digests: string[];
  /** columns of the row that a removal clears, as they are */
  cleared: Record<string, unknown>;
}

/** Who stands on what, in words such as `3 current applications`. */
export interface Usage {
  /** by `host/path:tag` */
  references: ReadonlyMap<string, string[]>;
  /** by digest */
  digests: ReadonlyMap<string, string[]>;
}

/** One removal, as it is recorded. */
export interface NewRemoval {
  tier: Tier;
  /** of the definition; of an application its repository */
  name: string;
  repository: string;
  tag: StoredTag;
  reason: string;
  /** `host/path:tag` of the copy */
  archiveReference?: string;
  runId: string;
  actor: string;
  /** ISO 8601 UTC */
  at: string;
}

/** What retention reads of all tiers, and what it writes. */
export interface RetentionStore {
  /** What {@link UsageFacts} is, but for what is declared. */
  usageFacts(): Promise<
    Pick<UsageFacts, 'publishedBases' | 'currentApplications' | 'lastScan'>
  >;
  /** What current applications and published bases stand on. */
  usage(): Promise<Usage>;
  /**
   * Whether a sync of that mirror has ended well that began after its rules
   * were declared as they are: what it selects is not known before.
   */
  isSynced(mirror: string): Promise<boolean>;
  /** The repositories of applications that have more than what is current. */
  applicationRepositories(): Promise<string[]>;
  /**
   * The tags of a repository that are there.
   *
   * @param name - of the mirror or base that it is the target of
   */
  tags(tier: Tier, name: string, repository: string): Promise<StoredTag[]>;
  /**
   * The row as removed, and the removal in the history, in one transaction.
   *
   * @returns false when the row has another digest by now; nothing was written
   */
  recordRemoval(removal: NewRemoval): Promise<boolean>;
  /** Copies that are in an archive, oldest first. */
  archived(): Promise<RemovalTable[]>;
  /** The copies are no more. */
  recordArchiveRemoved(ids: number[], at: string): Promise<void>;
  /** The newest removal of that tag whose copy is still there. */
  findArchived(
    repository: string,
    tag: string,
  ): Promise<RemovalTable | undefined>;
  /** The tag is there again, with what its row had. */
  recordRestored(
    removal: RemovalTable,
    by: { actor: string; at: string },
  ): Promise<void>;
}
