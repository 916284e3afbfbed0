import type {
  BaseState,
  Exemption,
  MirrorState,
} from '@imglife/backstage-plugin-imglife-common';
import { statusValues } from '@imglife/backstage-plugin-imglife-common';
import { formatRepository, parseReference } from '@imglife/oci';
import type {
  BaseTagTable,
  JudgementColumns,
  MirrorTagTable,
} from '../database/tables';
import type { Definitions } from '../definitions/Definitions';
import type {
  ImageCycles,
  LifecycleData,
  SupportJudgement,
} from '../lifecycle/LifecycleService';
import { mirroredAs, mirrorsBySource } from './mirroredAs';
import { NewestBases, PublishedBases, referenceOf } from './PublishedBases';
import {
  FreshnessJudgement,
  judgeFreshness,
  judgePolicy,
  mirrorStatus,
  PolicyJudgement,
  UsedBase,
} from './verdict';

/** Columns of a judged row, as they are stored. */
export type StoredJudgement = Record<string, string | number | null> &
  Omit<JudgementColumns, 'product' | 'cycle' | 'os_product' | 'os_cycle'>;

/** A base in use, judged on both axes. */
export interface UseJudgement {
  freshness: FreshnessJudgement;
  support: SupportJudgement;
  policy: PolicyJudgement;
  cycles: ImageCycles;
  /** name of the base or mirror */
  name?: string;
  /** of a base of ours */
  kind?: string;
  /** of the base or mirror */
  state?: BaseState | MirrorState;
}

/** All that one round of judging looks at, read once. */
export interface JudgeInput {
  definitions: Definitions;
  lifecycle: LifecycleData;
  bases: PublishedBases;
  /** by `host/path:tag` */
  mirrors: ReadonlyMap<string, MirrorTagTable>;
  now: Date;
}

/** Judges rows and base uses against one state of the world. */
export class Judge {
  readonly #input: JudgeInput;
  readonly #extended: ReadonlySet<string>;
  readonly #mirrorsOf: ReturnType<typeof mirrorsBySource>;

  constructor(input: JudgeInput) {
    this.#input = input;
    this.#extended = new Set(
      input.definitions.mirrors.entries
        .filter(entry => entry.lifecycle.extendedSupport)
        .map(entry => entry.name),
    );
    this.#mirrorsOf = mirrorsBySource(input.definitions.mirrors.entries);
  }

  /** Support and status of a mirror row. */
  mirror(row: MirrorTagTable): StoredJudgement {
    const support = this.#support(cyclesOf(row), row.mirror);
    const status = mirrorStatus(row.state, support.support);
    return stored(support, status, statusValues.indexOf(status));
  }

  /** Both axes of a base row, and whether it is still judged. */
  base(row: BaseTagTable, usedBy: number): StoredJudgement {
    const { bases, definitions, now } = this.#input;
    const freshness = judgeFreshness(
      { base: row, tier: 'bases' },
      bases,
      definitions.policy,
    );
    const support = this.#support(cyclesOf(row), mirrorName(row, this.#input));
    const policy = judgePolicy(
      { freshness, support, kind: row.kind },
      definitions.policy,
      now,
    );
    const failed = row.state === 'failed';
    const isNewest = bases.latestInCycle(row)?.id === row.id;
    const isJudged = isNewest || usedBy > 0;
    const settled = row.state === 'published' || row.state === 'retired';
    const judgedState = isJudged ? 'published' : 'retired';
    return {
      ...stored(
        support,
        failed ? 'critical' : policy.status,
        failed ? 0 : policy.statusRank,
      ),
      state: settled ? judgedState : row.state,
      freshness: freshness.freshness,
      latest: freshness.latest ?? null,
      latest_in_cycle: freshness.latestInCycle ?? null,
      outdated_since: freshness.outdatedSince ?? null,
      used_by: usedBy,
    };
  }

  /** Both axes of a base as an application uses it. */
  use(
    use: Omit<UsedBase, 'base'> & { reference: string },
    exemption?: Exemption,
  ): UseJudgement {
    const { bases, definitions, mirrors, now } = this.#input;
    const base = bases.find(use.reference);
    const mirror = mirrors.get(use.reference);
    const tier = tierOf(use.tier, base, mirror);
    const cycles = this.#cyclesOfUse(use.reference, base ?? mirror);
    const instead = base
      ? undefined
      : this.#instead(use.reference, mirror, cycles);
    const freshness = judgeFreshness(
      { ...use, tier, base, instead },
      bases,
      definitions.policy,
    );
    const state = (base ?? mirror)?.state as UseJudgement['state'];
    const support = this.#support(
      cycles,
      mirror?.mirror ?? (base && mirrorName(base, this.#input)),
    );
    return {
      freshness,
      support,
      cycles,
      name: base?.name ?? mirror?.mirror,
      kind: base?.kind,
      state,
      policy: judgePolicy(
        { freshness, support, kind: base?.kind, state, exemption },
        definitions.policy,
        now,
      ),
    };
  }

  /** Product and cycle of an image that is not ours, from its name and tag. */
  cyclesOfReference(reference: string): ImageCycles {
    try {
      const parsed = parseReference(reference);
      const { lifecycle } = this.#input;
      const product = lifecycle.productOf(
        parsed,
        this.#mirrorsOf.get(formatRepository(parsed))?.lifecycle.product,
      );
      return parsed.tag ? lifecycle.cyclesOf(product, parsed.tag) : { product };
    } catch {
      // "?" and what is stored of images whose base is unknown
      return {};
    }
  }

  /** The bases on the mirror, or on the mirror of that upstream image. */
  #instead(
    reference: string,
    mirror: MirrorTagTable | undefined,
    cycles: ImageCycles,
  ): NewestBases | undefined {
    const { repository, family } =
      mirror ?? mirroredAs(reference, this.#mirrorsOf) ?? {};
    return repository === undefined || family === undefined
      ? undefined
      : this.#input.bases.insteadOf({
          repository,
          family,
          cycle: cycles.cycle ?? null,
        });
  }

  #cyclesOfUse(
    reference: string,
    row: BaseTagTable | MirrorTagTable | undefined,
  ): ImageCycles {
    return row ? cyclesOf(row) : this.cyclesOfReference(reference);
  }

  #support(cycles: ImageCycles, mirror: string | undefined): SupportJudgement {
    return this.#input.lifecycle.judge(cycles, {
      now: this.#input.now,
      warnDays: this.#input.definitions.policy.warnDays,
      extendedSupport: mirror !== undefined && this.#extended.has(mirror),
    });
  }
}

/** Columns of a support judgement and a status. */
export function stored(
  support: SupportJudgement,
  status: string,
  statusRank: number,
): StoredJudgement {
  return {
    support: support.support,
    eol_date: support.eolDate ?? null,
    eol: JSON.stringify(support.eol),
    status,
    status_rank: statusRank,
  };
}

function cyclesOf(row: JudgementColumns): ImageCycles {
  return {
    product: row.product ?? undefined,
    cycle: row.cycle ?? undefined,
    osProduct: row.os_product ?? undefined,
    osCycle: row.os_cycle ?? undefined,
  };
}

/** The mirror at the bottom, through the bases a base is built on. */
function mirrorName(row: BaseTagTable, input: JudgeInput): string | undefined {
  const seen = new Set<string>();
  let below = row.mirror_reference;
  while (below !== null && !seen.has(below)) {
    seen.add(below);
    const mirror = input.mirrors.get(below)?.mirror;
    if (mirror !== undefined) {
      return mirror;
    }
    below = input.bases.find(below)?.mirror_reference ?? null;
  }
  return undefined;
}

function tierOf(
  recorded: UsedBase['tier'],
  base: BaseTagTable | undefined,
  mirror: MirrorTagTable | undefined,
): UsedBase['tier'] {
  if (recorded === 'none') {
    return 'none';
  }
  if (base) {
    return 'bases';
  }
  return mirror ? 'mirrors' : recorded;
}

/** The rows of mirrors by their reference. */
export function mirrorsByReference(
  rows: MirrorTagTable[],
): Map<string, MirrorTagTable> {
  return new Map(rows.map(row => [referenceOf(row), row]));
}
