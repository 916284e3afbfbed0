/** How long a silent connection is put up with, in milliseconds. */
export interface Timeouts {
  /** To connect. */
  connectMs: number;
  /** For the answer to begin. */
  headersMs: number;
  /** The same after an upload, which the registry may still be moving about. */
  commitMs: number;
  /** Between two pieces of an answer. */
  idleMs: number;
  /** For all that is asked of an API beside the registry at one time. */
  besideMs: number;
}

/** What holds where nothing else is said. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 10_000,
  headersMs: 60_000,
  commitMs: 300_000,
  idleMs: 60_000,
  besideMs: 15_000,
};
