import type {
  Support,
  EolFact,
} from '@imglife/backstage-plugin-imglife-common';
import type { RepositoryName } from '../definitions/Definitions';
import type { RunContext } from '../runs/RunContext';

/** One cycle of a product as it is known (endoflife.date `releases[]`). */
export interface Cycle {
  product: string;
  name: string;
  codename?: string;
  /** `YYYY-MM-DD` */
  releaseDate?: string;
  /** `eolFrom`, `YYYY-MM-DD` */
  eolDate?: string;
  /** `isEol`, used only where there is no date */
  isEol?: boolean;
  /** `eoesFrom`, end of extended support, `YYYY-MM-DD` */
  eoesDate?: string;
}

/** Product and cycle of an image, and of the OS its suffix names. */
export interface ImageCycles {
  product?: string;
  cycle?: string;
  osProduct?: string;
  osCycle?: string;
}

/** Where a set of cycles stands: the earlier date of all counts. */
export interface SupportJudgement {
  support: Support;
  /** the date that counts, `YYYY-MM-DD` */
  eolDate?: string;
  eol: EolFact[];
}

/** All that is known, read once, so that judging many rows costs one read. */
export interface LifecycleData {
  /** Age of the oldest data in use, whole days; undefined when there is none. */
  readonly ageDays: number | undefined;
  /**
   * @param upstream - where the image comes from
   * @param configured - the mirror's `lifecycle.product`, which wins
   */
  productOf(upstream: RepositoryName, configured?: string): string | undefined;
  /** Cycles of a tag of that product; an OS suffix gives the second one. */
  cyclesOf(product: string | undefined, tag: string): ImageCycles;
  /** Newest release first; empty when the product is unknown. */
  cyclesOfProduct(product: string): Cycle[];
  /** Rule: domain, Verdicts: support. `extendedSupport` counts `eoesDate`. */
  judge(
    cycles: ImageCycles,
    options: { now: Date; warnDays: number; extendedSupport?: boolean },
  ): SupportJudgement;
}

/** End-of-life data: kept in the database, refreshed by runs of kind `lifecycle`. */
export interface LifecycleService {
  load(): Promise<LifecycleData>;
  /** Refreshes all products in use; a failed one keeps its old data. */
  refresh(context: RunContext): Promise<void>;
}
