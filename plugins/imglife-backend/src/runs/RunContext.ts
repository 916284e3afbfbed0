import type {
  RunItem,
  RunKind,
} from '@imglife/backstage-plugin-imglife-common';

/** What a run's work may see and say. Every method is cheap: writes are batched. */
export interface RunContext {
  readonly id: string;
  readonly kind: RunKind;
  /** name of one mirror, base or product; undefined = all */
  readonly target?: string;
  /** plan only: nothing is written to a registry or to a tier's table */
  readonly dryRun: boolean;
  /** do the work although nothing changed */
  readonly force: boolean;
  /** who started it, such as `user:default/guest` or `external:demo-ci` */
  readonly actor: string;
  /** aborted on cancel, time limit, lost job and shutdown */
  readonly signal: AbortSignal;
  /** One line of the run's log; never a secret. */
  log(line: string): void;
  /** Adds or replaces the item of that reference. */
  item(item: RunItem): void;
  /** Adds to the progress; `bytes` in bytes moved. */
  progress(change: { total?: number; done?: number; bytes?: number }): void;
}

/**
 * The work behind one kind of run. It throws when the run as a whole cannot
 * go on; a fault of one image is an item with state `failed`, and the run then
 * ends `failed` with each failure listed.
 */
export interface RunHandler {
  readonly kind: RunKind;
  run(context: RunContext): Promise<void>;
}
