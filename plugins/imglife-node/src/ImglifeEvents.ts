/**
 * A mirror tag was pulled, or has another image than before.
 *
 * @public
 */
export interface MirrorMovedEvent {
  /** name of the mirror */
  mirror: string;
  /** `host/path:tag` */
  reference: string;
  digest: string;
  /** null: the tag is new */
  previousDigest: string | null;
}

/**
 * A base was built and published, here or outside.
 *
 * @public
 */
export interface BasePublishedEvent {
  /** of the base */
  name: string;
  /** `host/path:tag@digest` */
  reference: string;
  repository: string;
  tag: string;
  digest: string;
  upstreamVersion: string;
  coreVersion: string;
  /** why it was built, such as `mirror-moved` */
  reasons: string[];
  inputHash: string;
  /** null when it was built outside */
  runId: string | null;
  /** ISO 8601 UTC */
  builtAt: string;
}

/**
 * An application was registered, or found by a scan, with facts that were not
 * known.
 *
 * @public
 */
export interface ApplicationRegisteredEvent {
  /** `host/path:tag` */
  reference: string;
  digest: string | null;
  /** reference of what it is built on; null: nothing, or not known */
  base: string | null;
  project: string | null;
  /** a user's entity reference or a service's subject; `imglife-scan` */
  registeredBy: string;
}

/**
 * Verdicts on bases changed, and with each the status of all applications that
 * stand on that base: at most 500 changes in an event.
 *
 * @public
 */
export interface StatusChangedEvent {
  /** such as `base published` or `end-of-life dates` */
  cause: string;
  /** ISO 8601 UTC */
  at: string;
  changes: Array<{
    /** `host/path:tag`; `?` = unknown, empty = FROM scratch */
    base: string;
    from: { status: string; freshness: string };
    to: { status: string; freshness: string };
  }>;
}

/**
 * What the imglife backend publishes to the events service, by topic: after it
 * is stored, once, and not again where it was not received.
 *
 * @public
 */
export interface ImglifeEvents {
  'imglife.mirror.moved': MirrorMovedEvent;
  'imglife.base.published': BasePublishedEvent;
  'imglife.application.registered': ApplicationRegisteredEvent;
  'imglife.status.changed': StatusChangedEvent;
}
