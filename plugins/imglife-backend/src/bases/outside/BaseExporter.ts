import { Readable } from 'node:stream';
import { InputError, toError } from '@backstage/errors';
import type {
  ExportList,
  ExportQuery,
  RunItem,
} from '@imglife/backstage-plugin-imglife-common';
import type { Definitions } from '../../definitions/Definitions';
import type { LifecycleService } from '../../lifecycle/LifecycleService';
import type { BasePlanner } from '../BasePlanner';
import type { BaseTagPlan } from '../BaseTagPlan';
import type { LayerEntry } from '../embedded/LayerWriter';
import { writeTar } from '../embedded/writeTar';
import { judgedEol } from '../labelsOfPlan';
import { planBuild, type PlannedBuild } from '../planBuild';
import { blockedMessage, whyLeftAlone } from '../planWords';
import { EXPORT_BUILDER } from './ExportBuilder';
import { exportEntries, exportFolder, jsonFile } from './exportEntries';

/** Most bytes of one export: 4 GiB. */
export const MAX_EXPORT_BYTES = 4 * 1024 ** 3;
/** The first file of an export: what is in it, and what is not and why. */
export const EXPORT_LIST = 'export.json';

/** What {@link BaseExporter} works with. */
export interface BaseExporterOptions {
  /** read at use: they may change */
  definitions: Pick<Definitions, 'policy'>;
  planner: BasePlanner;
  lifecycle: Pick<LifecycleService, 'load'>;
  now: () => Date;
  /** default {@link MAX_EXPORT_BYTES} */
  maxBytes?: number;
}

interface Exported extends Omit<ExportList, 'entries'> {
  entries: LayerEntry[];
}

/** Gives away what bases are built from, for builders outside the portal. */
export class BaseExporter {
  readonly #options: BaseExporterOptions;

  static create(options: BaseExporterOptions): BaseExporter {
    return new BaseExporter(options);
  }

  private constructor(options: BaseExporterOptions) {
    this.#options = options;
  }

  /**
   * A tar archive of `export.json` (items as those of a run) and a folder for
   * each image and platform: without a name, of what is due of the bases whose
   * builder is `export`; with one, of every tag that this base follows,
   * whatever its builder.
   *
   * @throws NotFoundError - there is no base of that name
   * @throws InputError - it would be over {@link MAX_EXPORT_BYTES}
   */
  async export({ name, force }: ExportQuery): Promise<Readable> {
    const { planner, lifecycle } = this.#options;
    const bases = planner
      .wanted(name)
      .filter(
        ({ builder }) => name !== undefined || builder === EXPORT_BUILDER,
      );
    const known = await lifecycle.load();
    const exported: Exported = { items: [], folders: [], entries: [] };
    const context = {
      item: (item: RunItem) => exported.items.push(item),
      log: () => {},
    };
    for (const plan of await planner.plan(bases, known, context)) {
      const all = force || name !== undefined;
      await this.#add(plan, exported, { all });
    }
    this.#checkSize(exported.entries);
    const { items, folders, entries } = exported;
    const list: ExportList = { items, folders, entries: entries.length };
    const first = jsonFile(EXPORT_LIST, list);
    return Readable.from(writeTar([first, ...entries], new Date(0)));
  }

  async #add(
    plan: BaseTagPlan,
    { items, folders, entries }: Exported,
    { all }: { all: boolean },
  ): Promise<void> {
    const item: RunItem = {
      reference: `${plan.repository}:${plan.tag}`,
      action: 'none',
      reason: null,
      state: 'skipped',
      error: null,
    };
    try {
      const row = plan.known.find(({ tag }) => tag === plan.tag);
      const reason = row && whyLeftAlone(row, { force: false });
      if (reason) {
        items.push({ ...item, reason });
        return;
      }
      const planned = await planBuild(plan, { force: false });
      const { decision } = planned;
      if (decision.action === 'blocked') {
        const error = blockedMessage(plan, decision.reasons);
        const why = decision.reasons.join(', ');
        items.push({ ...item, action: 'blocked', reason: why, error });
      } else if (decision.action === 'none' && !all) {
        items.push(item);
      } else {
        entries.push(...this.#entries(plan, planned));
        folders.push(
          ...plan.mirrorTag.platforms.map(each => exportFolder(plan, each)),
        );
        items.push({
          ...item,
          action: 'export',
          state: 'done',
          reason:
            planned.changes.map(({ reason: each }) => each).join(', ') || null,
          changes: planned.changes,
        });
      }
    } catch (cause) {
      const error = toError(cause).message;
      items.push({ ...item, action: 'export', state: 'failed', error });
    }
  }

  #entries(plan: BaseTagPlan, planned: PlannedBuild): LayerEntry[] {
    const { definitions, now } = this.#options;
    const { warnDays } = definitions.policy;
    return exportEntries({
      plan,
      prepared: planned.prepared,
      reasons: planned.changes.map(({ reason }) => reason),
      eol: judgedEol(plan, { warnDays, now: now() }),
    });
  }

  #checkSize(entries: ReadonlyArray<LayerEntry>): void {
    const { maxBytes = MAX_EXPORT_BYTES } = this.#options;
    const bytes = entries.reduce(
      (sum, entry) => sum + (entry.type === 'file' ? entry.content.size : 0),
      0,
    );
    if (bytes > maxBytes) {
      throw new InputError(
        `The export would hold ${bytes} bytes, over ${maxBytes}; name one base, or leave files out by .dockerignore`,
      );
    }
  }
}
