import type {
  BuildChange,
  BuildReason,
  Withdrawal,
} from '@imglife/backstage-plugin-imglife-common';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import type { ResolvedImage } from '@imglife/oci';
import type { InputHashes } from './inputHash';
import type { MirrorTag } from './planBuilds';

/** What a published base was rendered from. */
export interface PublishedSources {
  /** the template as written */
  template: string;
  args: Record<string, string>;
  /** undefined: gzip */
  compression?: InputHashes['compression'];
}

/** The context that a base was published with. */
export interface PublishedContext {
  hash: string;
  /** tar, gzip; undefined: too large to be kept */
  packed?: Buffer;
  /** commit, of one in git */
  revision?: string;
  committedAt?: Date;
}

/** A base tag as it is recorded. */
export interface BaseTag {
  /** `host/path` */
  repository: string;
  tag: string;
  /** the mirrored tag */
  upstreamTag: string;
  coreVersion: string;
  versionKey: string;
  /** the cycle of the image, else of its OS */
  cycle?: string;
  state: string;
  error?: string;
  digest?: string;
  withdrawal?: Withdrawal;
  /** what is published; undefined before the first success */
  published?: {
    digest: string;
    inputHash: string;
    inputs: InputHashes;
    /** what it was rendered from */
    sources?: PublishedSources;
    /** undefined: it is not kept */
    context?: Omit<PublishedContext, 'packed'>;
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
  /** empty when the inputs could not be read */
  inputHash: string;
  inputs?: InputHashes;
  /** as rendered; empty when it could not be */
  dockerfile: string;
  /** undefined when they could not even be read */
  sources?: PublishedSources;
  /** of a build that succeeded */
  context?: PublishedContext;
  reasons: BuildReason[];
  /** the reasons with what was and what is */
  changes: BuildChange[];
  /** id of the builder */
  builder: string;
  /** undefined for one that was made outside */
  runId?: string;
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
  /**
   * What another base has published and not withdrawn.
   *
   * @param repository - `host/path` of that base
   * @param pinned - a tag that stands for itself
   */
  publishedTags(repository: string, pinned?: string): Promise<MirrorTag[]>;
  /** The digest that each floating tag was set to, by repository and tag. */
  floatingTags(
    repositories: ReadonlyArray<string>,
  ): Promise<Map<string, Map<string, string>>>;
  /** @param moved - `at` in ISO 8601 UTC */
  recordFloating(
    repository: string,
    moved: { tag: string; baseTag: string; digest: string; at: string },
  ): Promise<void>;
  /** Every recorded tag of each of the bases, by repository. */
  baseTags(
    repositories: ReadonlyArray<string>,
  ): Promise<Map<string, BaseTag[]>>;
  /**
   * A context that a base was published with.
   *
   * @returns undefined when it is not kept, or not what its hash says
   */
  context(hash: string): Promise<ContextFile[] | undefined>;
  /** One recorded tag, published or not. */
  baseTag(repository: string, tag: string): Promise<BaseTag | undefined>;
  /** What is published stays, and is never built again under that tag. */
  recordWithdrawn(
    repository: string,
    tag: string,
    withdrawal: Withdrawal,
  ): Promise<void>;
  /**
   * Brings kind and owner of all tags of the bases up to their definitions.
   *
   * @returns whether anything changed
   */
  describe(
    bases: ReadonlyArray<{ repository: string; kind: string; owner?: string }>,
  ): Promise<boolean>;
  /**
   * The tag, the build and the chains of its layers, in one transaction.
   *
   * @param options - `onceSince`: the same digest of the same inputs is one
   *   build since then, however often and from however many sides it is told;
   *   ISO 8601 UTC
   * @returns whether a build was added
   */
  recordPublished(
    identity: BaseTagIdentity,
    attempt: BuildAttempt,
    image: ResolvedImage,
    options: { onceSince: string },
  ): Promise<boolean>;
  /** What was published before stays on the row. */
  recordFailed(
    identity: BaseTagIdentity,
    attempt: BuildAttempt,
    error: string,
  ): Promise<void>;
  /** What is published stays on the row. */
  recordBlocked(repository: string, tag: string, error: string): Promise<void>;
  /**
   * A tag that waits for others to build it, as one that is blocked. What is
   * published stays on the row.
   */
  recordAwaited(identity: BaseTagIdentity, error: string): Promise<void>;
  /**
   * Forgets tags that were never published, are no longer followed and used by
   * nobody; their attempts stay in the history.
   *
   * @param followed - tags that stay, of each repository that is looked at
   * @returns whether there were any
   */
  forgetUnpublished(
    followed: ReadonlyMap<string, ReadonlySet<string>>,
  ): Promise<boolean>;
  /** What is published is what is wanted: no longer blocked or failed. */
  recordUnchanged(repository: string, tag: string): Promise<void>;
}
