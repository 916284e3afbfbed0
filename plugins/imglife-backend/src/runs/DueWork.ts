import type { LoggerService } from '@backstage/backend-plugin-api';
import type { RunKind } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type { DefinitionTable, MirrorTagTable } from '../database/tables';
import type { Definitions } from '../definitions/Definitions';
import { LIFECYCLE_ENTRY } from '../definitions/declaredEntries';
import type { DefinitionStore } from '../definitions/DefinitionStore';
import type { RunEndListener } from './DefaultRunService';
import { dueEntries, retryDelayMs } from './dueEntries';
import type { RunService } from './RunService';

const kindOfRun: Record<DefinitionTable['kind'], RunKind> = {
  mirror: 'sync',
  base: 'build',
  lifecycle: 'lifecycle',
};

/**
 * Queues what is due from stored state, and nothing else: calling it from
 * outside, or twice, starts nothing that was not due.
 */
export class DueWork {
  readonly #knex: Knex;
  readonly #definitions: Definitions;
  readonly #store: DefinitionStore;
  readonly #now: () => Date;
  readonly #logger: LoggerService;

  static create(options: {
    knex: Knex;
    definitions: Definitions;
    store: DefinitionStore;
    now: () => Date;
    logger: LoggerService;
  }): DueWork {
    return new DueWork(options);
  }

  private constructor(options: {
    knex: Knex;
    definitions: Definitions;
    store: DefinitionStore;
    now: () => Date;
    logger: LoggerService;
  }) {
    this.#knex = options.knex;
    this.#definitions = options.definitions;
    this.#store = options.store;
    this.#now = options.now;
    this.#logger = options.logger;
  }

  /** Queues one run per entry that is due. */
  async queue(runs: RunService): Promise<void> {
    const due = dueEntries({
      entries: await this.#store.list(),
      schedules: this.#schedules(),
      movedMirrors: await this.#movedMirrors(),
      mirrorOfBase: new Map(
        this.#definitions.bases.entries.map(base => [
          base.name,
          base.from.mirror,
        ]),
      ),
      now: this.#now(),
    });
    for (const entry of due) {
      const at = this.#now().toISOString();
      await runs.start(
        {
          kind: kindOfRun[entry.kind],
          ...(entry.kind !== 'lifecycle' && { target: entry.name }),
        },
        { trigger: 'schedule', actor: 'imglife-due' },
      );
      await this.#store.markQueued(entry.kind, entry.name, entry.hash, at);
    }
    if (due.length) {
      this.#logger.debug(`Queued ${due.length} due runs`);
    }
  }

  /** Records the end of a run, so that failures back off. */
  readonly onEnd: RunEndListener = async (run, end) => {
    const kind = (
      Object.keys(kindOfRun) as Array<DefinitionTable['kind']>
    ).find(key => kindOfRun[key] === run.kind)!;
    const name = kind === 'lifecycle' ? LIFECYCLE_ENTRY : run.target;
    if (run.dryRun || name === undefined) {
      return;
    }
    const entry = (await this.#store.list()).find(
      other => other.kind === kind && other.name === name,
    );
    const ok = end.state !== 'failed';
    const delay = retryDelayMs(
      (entry?.failures ?? 0) + 1,
      this.#schedules()[kind].frequencyMs,
    );
    await this.#store.markFinished(kind, name, {
      ok,
      at: end.at,
      retryAt: ok
        ? undefined
        : new Date(Date.parse(end.at) + delay).toISOString(),
    });
  };

  #schedules(): Record<
    DefinitionTable['kind'],
    { frequencyMs: number; timeoutMs: number }
  > {
    return {
      mirror: this.#definitions.mirrors.schedule,
      base: this.#definitions.bases.schedule,
      lifecycle: this.#definitions.lifecycle.schedule,
    };
  }

  async #movedMirrors(): Promise<Map<string, string>> {
    const rows = await this.#knex<MirrorTagTable>('mirror_tag')
      .whereNotNull('pulled_at')
      .groupBy('mirror')
      .select('mirror')
      .max<Array<{ mirror: string; at: string }>>({ at: 'pulled_at' });
    return new Map(rows.map(row => [row.mirror, row.at]));
  }
}
