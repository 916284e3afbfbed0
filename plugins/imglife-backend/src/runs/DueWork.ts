import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type {
  BaseTagTable,
  DefinitionTable,
  MirrorTagTable,
  RunTable,
} from '../database/tables';
import type { Definitions } from '../definitions/Definitions';
import type { DefinitionStore } from '../definitions/DefinitionStore';
import type { RunEndListener } from './DefaultRunService';
import { dueEntries, retryDelayMs } from './dueEntries';
import { kindOfRun, wholeEntries } from './entryRuns';
import type { RunService } from './RunService';

const FIRST_SCAN_MS = 3_600_000;

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
      movedSources: await this.#movedSources(),
      sourceOfBase: new Map(
        this.#definitions.bases.entries.map(({ name, from }) => [
          name,
          from.base === undefined
            ? `mirror:${from.mirror}`
            : `base:${from.base}`,
        ]),
      ),
      now: this.#now(),
    });
    // a scan reads what the others write, and retention what a scan does
    const late: Array<DefinitionTable['kind']> = ['scan', 'retention'];
    const ordered = [...due].sort(
      (a, b) => late.indexOf(a.kind) - late.indexOf(b.kind),
    );
    for (const entry of ordered) {
      if (entry.kind === 'scan' && (await this.#isTooEarly(entry))) {
        continue;
      }
      const at = this.#now().toISOString();
      await runs.start(
        {
          kind: kindOfRun[entry.kind],
          ...(!wholeEntries[entry.kind] && { target: entry.name }),
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
    ).find(key => kindOfRun[key] === run.kind);
    // a restore is never due, and a part of retention is not all of it
    if (!kind || run.dryRun || (kind === 'retention' && run.target)) {
      return;
    }
    const name = wholeEntries[kind] ?? run.target;
    if (name === undefined) {
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
      verify: this.#definitions.mirrors.verify,
      base: this.#definitions.bases.schedule,
      lifecycle: this.#definitions.lifecycle.schedule,
      scan: this.#definitions.applications.scan.schedule,
      retention: this.#definitions.retention.schedule,
    };
  }

  /**
   * The first scan of a house waits for the first syncs and builds, which know
   * more of what they publish than a scan could find; an hour at most.
   */
  async #isTooEarly(entry: DefinitionTable): Promise<boolean> {
    const waited = this.#now().getTime() - Date.parse(entry.since);
    if (entry.queued_at || waited >= FIRST_SCAN_MS) {
      return false;
    }
    const open = await this.#knex<RunTable>('run')
      .whereIn('kind', ['sync', 'build'])
      .whereIn('state', ['queued', 'running'])
      .first('id');
    return open !== undefined;
  }

  async #movedSources(): Promise<Map<string, string>> {
    const mirrors = await this.#knex<MirrorTagTable>('mirror_tag')
      .whereNotNull('pulled_at')
      .groupBy('mirror')
      .select('mirror')
      .max<Array<{ mirror: string; at: string }>>({ at: 'pulled_at' });
    const bases = await this.#knex<BaseTagTable>('base_tag')
      .whereNotNull('built_at')
      .groupBy('name')
      .select('name')
      .max<Array<{ name: string; at: string }>>({ at: 'built_at' });
    return new Map([
      ...mirrors.map(row => [`mirror:${row.mirror}`, row.at] as const),
      ...bases.map(row => [`base:${row.name}`, row.at] as const),
    ]);
  }
}
