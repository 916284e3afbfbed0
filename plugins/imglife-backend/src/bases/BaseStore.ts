import type { BuildReason } from '@imglife/backstage-plugin-imglife-common';
import type { ResolvedImage } from '@imglife/oci';
import type { InputHashes } from './inputHash';
import type { MirrorTag } from './planBuilds';

/** A base tag as it is recorded. */
export interface BaseTag {
  /** `host/path` */
  repository: string;
  tag: string;
  /** the mirrored tag */
  upstreamTag: string;
  coreVersion: string;
  versionKey: string;
  state: string;
  error?: string;
  /** what is published; undefined before the first success */
  published?: {
    digest: string;
    inputHash: string;
    inputs: InputHashes;
  };
}

/** Who and what a base tag is, whether or not it was ever built. */
export interface BaseTagIdentity {
  /** name of the base */
  name: string;
  kind: string;
  owner?: string;
  /** `host/path` */
  repository: string;
  tag: string;
  coreVersion: string;
  mirror: MirrorTag;
}

/** One attempt to build, as the append-only history keeps it. */
export interface BuildAttempt {
  inputHash: string;
  inputs: InputHashes;
  /** as rendered */
  dockerfile: string;
  reasons: BuildReason[];
  /** id of the builder */
  builder: string;
  runId: string;
  actor: string;
  /** ISO 8601 UTC */
  startedAt: string;
  finishedAt: string;
}

/** Base tags, their builds, and the mirrored tags they follow. */
export interface BaseStore {
  /**
   * What a mirror holds and still selects.
   *
   * @param mirror - name of the definition
   * @param repository - `host/path` of its target
   */
  mirrorTags(mirror: string, repository: string): Promise<MirrorTag[]>;
  /** Every recorded tag of a base. */
  baseTags(repository: string): Promise<BaseTag[]>;
  /**
   * Brings kind and owner of all tags of a base up to its definition.
   *
   * @returns whether anything changed
   */
  describe(
    repository: string,
    definition: { kind: string; owner?: string },
  ): Promise<boolean>;
  /** The tag, the build and the chains of its layers, in one transaction. */
  recordPublished(
    identity: BaseTagIdentity,
    attempt: BuildAttempt,
    image: ResolvedImage,
  ): Promise<void>;
  /**
   * What was published before stays on the row.
   *
   * @param attempt - undefined when the inputs could not even be read
   */
  recordFailed(
    identity: BaseTagIdentity,
    attempt: BuildAttempt | undefined,
    error: string,
  ): Promise<void>;
  /** What is published stays on the row. */
  recordBlocked(repository: string, tag: string, error: string): Promise<void>;
  /** What is published is what is wanted: no longer blocked or failed. */
  recordUnchanged(repository: string, tag: string): Promise<void>;
}
