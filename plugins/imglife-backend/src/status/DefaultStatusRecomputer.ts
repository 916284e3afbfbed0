import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Exemption } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type {
  BaseTagTable,
  BaseUseTable,
  ImageDigestTable,
  MirrorTagTable,
  TransitionTable,
  VerdictTable,
} from '../database/tables';
import { showWorst } from '../applications/platformRows';
import { lockBases, usedBases } from '../applications/usedBases';
import type { Definitions } from '../definitions/Definitions';
import type { ImageEvents } from '../hooks/ImageEvents';
import type {
  LifecycleData,
  LifecycleService,
} from '../lifecycle/LifecycleService';
import { Judge, mirrorsByReference, stored } from './judgeRows';
import { PublishedBases, referenceOf } from './PublishedBases';
import type { StatusRecomputer } from './StatusRecomputer';
import { ColumnValues, differs, RowChange, writeChanged } from './writeChanged';

const TRANSITIONS_PER_INSERT = 500;
const PER_EVENT = 500;

type NewTransition = Omit<TransitionTable, 'id' | 'notified_at'>;

/** What {@link DefaultStatusRecomputer} works with. */
export interface DefaultStatusRecomputerOptions {
  knex: Knex;
  lifecycle: LifecycleService;
  definitions: Definitions;
  /** undefined: nobody is told */
  imageEvents?: ImageEvents;
  now: () => Date;
  logger: LoggerService;
}

/**
 * {@link StatusRecomputer} that reads the tiers whole, judges in memory and
 * writes only what differs. A call during a round asks for one more round.
 */
export class DefaultStatusRecomputer implements StatusRecomputer {
  readonly #options: DefaultStatusRecomputerOptions;
  #running?: Promise<void>;
  #pending?: Promise<void>;
  /** whether the next round counts */
  #recount = false;

  static create(
    options: DefaultStatusRecomputerOptions,
  ): DefaultStatusRecomputer {
    return new DefaultStatusRecomputer(options);
  }

  private constructor(options: DefaultStatusRecomputerOptions) {
    this.#options = options;
  }

  async recompute(
    cause: string,
    { recount = false }: { recount?: boolean } = {},
  ): Promise<void> {
    this.#recount ||= recount;
    if (!this.#running) {
      const counting = this.#recount;
      this.#recount = false;
      this.#running = this.#round(cause, counting).finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    // What changed before this call may have been read already: one more round
    this.#pending ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#pending = undefined;
        return this.recompute(cause);
      });
    return this.#pending;
  }

  async #round(cause: string, recount: boolean): Promise<void> {
    const { knex, lifecycle, now } = this.#options;
    const data = await lifecycle.load();
    const transitions = await knex.transaction(async trx => {
      const mirrors = await this.#completeCycles(trx, data);
      if (recount) {
        await lockBases(trx);
      }
      const bases = await trx<BaseTagTable>('base_tag');
      const judge = new Judge({
        definitions: this.#options.definitions,
        lifecycle: data,
        bases: PublishedBases.of(bases),
        mirrors: mirrorsByReference(mirrors),
        now: now(),
      });
      await writeChanged(
        trx,
        'mirror_tag',
        changesOf(mirrors, row => judge.mirror(row)),
      );
      await this.#bases(trx, judge, bases, recount);
      return this.#verdicts(trx, judge, bases, cause);
    });
    this.#tell(transitions);
    await showWorst(knex);
  }

  #tell(transitions: NewTransition[]): void {
    for (let start = 0; start < transitions.length; start += PER_EVENT) {
      const some = transitions.slice(start, start + PER_EVENT);
      this.#options.imageEvents?.publish('imglife.status.changed', {
        cause: some[0].cause,
        at: some[0].at,
        changes: some.map(row => ({
          base: row.reference,
          from: { status: row.from_status, freshness: row.from_freshness },
          to: { status: row.to_status, freshness: row.to_freshness },
        })),
      });
    }
  }

  /** What is written of a base leaves its count to registrations, if trusted. */
  async #bases(
    trx: Knex,
    judge: Judge,
    rows: BaseTagTable[],
    recount: boolean,
  ): Promise<void> {
    const counted = recount ? await usedBases(trx) : undefined;
    const changes = changesOf(rows, row => {
      if (counted) {
        return judge.base(row, counted.get(referenceOf(row)) ?? 0);
      }
      const { used_by: _, ...values } = judge.base(row, row.used_by);
      return values;
    });
    await lockBases(
      trx,
      changes.map(({ id }) => id),
    );
    await writeChanged(trx, 'base_tag', changes);
  }

  /** Fills product and cycle of mirror rows that had no data when copied. */
  async #completeCycles(
    trx: Knex,
    data: LifecycleData,
  ): Promise<MirrorTagTable[]> {
    const rows = await trx<MirrorTagTable>('mirror_tag');
    const configured = new Map(
      this.#options.definitions.mirrors.entries.map(entry => [
        entry.name,
        entry,
      ]),
    );
    const changes = changesOf(rows, (row): ColumnValues => {
      const entry = configured.get(row.mirror);
      if (row.cycle !== null || row.os_cycle !== null || !entry) {
        return {};
      }
      const product = data.productOf(entry.source, entry.lifecycle.product);
      const cycles = data.cyclesOf(product, row.upstream_tag);
      return {
        product: cycles.product ?? null,
        cycle: cycles.cycle ?? null,
        os_product: cycles.osProduct ?? null,
        os_cycle: cycles.osCycle ?? null,
      };
    });
    await writeChanged(trx, 'mirror_tag', changes);
    const byId = new Map(changes.map(change => [change.id, change.values]));
    return rows.map(row => ({ ...row, ...byId.get(row.id) }));
  }

  async #verdicts(
    trx: Knex,
    judge: Judge,
    bases: BaseTagTable[],
    cause: string,
  ): Promise<NewTransition[]> {
    const rows = await trx<VerdictTable>('verdict');
    const uses = new Map(
      (await trx<BaseUseTable>('base_use')).map(use => [use.id, use]),
    );
    const digests = await readPresentDigests(trx, bases);
    const at = this.#options.now().toISOString();
    const today = at.slice(0, 10);
    const transitions: NewTransition[] = [];
    const changes = changesOf(rows, row => {
      const use = uses.get(row.base_use_id)!;
      const values = verdictValues(judge, use, row, digests, today);
      const moved =
        values.status !== row.status || values.freshness !== row.freshness;
      if (moved && row.judged_at) {
        transitions.push({
          verdict_id: row.id,
          reference: use.reference,
          from_status: row.status,
          to_status: String(values.status),
          from_freshness: row.freshness,
          to_freshness: String(values.freshness),
          cause,
          at,
        });
      }
      // named only where they change: rows of the same values are one statement
      return {
        ...values,
        ...(row.judged_at === null && { judged_at: at }),
        ...(moved && { since: at }),
      } as ColumnValues;
    });
    await writeChanged(trx, 'verdict', changes);
    for (
      let start = 0;
      start < transitions.length;
      start += TRANSITIONS_PER_INSERT
    ) {
      await trx('transition').insert(
        transitions.slice(start, start + TRANSITIONS_PER_INSERT),
      );
    }
    return transitions;
  }
}

function changesOf<T extends { id: number }>(
  rows: T[],
  valuesOf: (row: T) => ColumnValues,
): RowChange[] {
  return rows
    .map(row => ({ row, id: row.id, values: valuesOf(row) }))
    .filter(({ row, values }) => differs(row, values))
    .map(({ id, values }) => ({ id, values }));
}

function verdictValues(
  judge: Judge,
  use: BaseUseTable,
  row: VerdictTable,
  digests: ReadonlyMap<string, ReadonlySet<string>>,
  today: string,
): ColumnValues {
  const granted: Exemption | undefined = row.exemption
    ? JSON.parse(row.exemption)
    : undefined;
  // its last day is the day it names
  const exemption = granted && granted.until >= today ? granted : undefined;
  const { freshness, support, policy, cycles, name } = judge.use(
    {
      reference: use.reference,
      tier: use.tier,
      digest: use.digest,
      presentDigests: digests.get(use.reference),
    },
    exemption,
  );
  return {
    name: name ?? null,
    freshness: freshness.freshness,
    latest: freshness.latest ?? null,
    latest_in_cycle: freshness.latestInCycle ?? null,
    outdated_since: freshness.outdatedSince ?? null,
    grace_until: policy.graceUntil ?? null,
    violations: JSON.stringify(policy.violations),
    product: cycles.product ?? null,
    cycle: cycles.cycle ?? null,
    os_product: cycles.osProduct ?? null,
    os_cycle: cycles.osCycle ?? null,
    ...stored(support, policy.status, policy.statusRank),
  };
}

/** Every digest that each published base tag has now, root and children. */
export async function readPresentDigests(
  knex: Knex,
  bases: BaseTagTable[],
): Promise<Map<string, Set<string>>> {
  const roots = new Map(bases.map(row => [referenceOf(row), row.digest]));
  const rows = await knex<ImageDigestTable>('image_digest')
    .where({ tier: 'bases' })
    .select('repository', 'tag', 'root_digest', 'digest');
  const digests = new Map<string, Set<string>>();
  for (const row of rows) {
    const reference = referenceOf(row);
    if (roots.get(reference) === row.root_digest) {
      const known = digests.get(reference) ?? new Set();
      digests.set(reference, known.add(row.digest));
    }
  }
  return digests;
}
