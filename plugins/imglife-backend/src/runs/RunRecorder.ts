import type { LoggerService } from '@backstage/backend-plugin-api';
import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import type { RunContext } from './RunContext';
import type { RunChanges, RunStore, StartedRun } from './RunStore';

type RecorderStore = Pick<RunStore, 'save' | 'isCancelRequested'>;

const FLUSH_MS = 1_000;

/**
 * Gathers what a run's work says and writes it once a second, in one
 * transaction; also asks whether the run was cancelled. It aborts the work
 * when the run was cancelled or another attempt took it over.
 */
export class RunRecorder {
  readonly #store: RecorderStore;
  readonly #run: StartedRun;
  readonly #now: () => Date;
  readonly #logger: LoggerService;
  readonly #abort = new AbortController();
  #items: RunItem[] = [];
  #lines: RunChanges['lines'] = [];
  #done = 0;
  #total = 0;
  #bytes = 0;
  #dirty = false;
  readonly #failures = new Set<string>();
  #flushing: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;
  /** Set when the run was cancelled by a person or a program. */
  cancelled = false;
  /** Set when another attempt has taken the run over. */
  superseded = false;

  static start(options: {
    store: RecorderStore;
    run: StartedRun;
    now: () => Date;
    logger: LoggerService;
  }): RunRecorder {
    return new RunRecorder(
      options.store,
      options.run,
      options.now,
      options.logger,
    );
  }

  private constructor(
    store: RecorderStore,
    run: StartedRun,
    now: () => Date,
    logger: LoggerService,
  ) {
    this.#store = store;
    this.#run = run;
    this.#now = now;
    this.#logger = logger;
    this.#timer = setInterval(() => {
      this.#flushing = this.#flushing.then(() => this.#tick());
    }, FLUSH_MS);
  }

  /** References of items that failed. */
  get failures(): string[] {
    return [...this.#failures];
  }

  /** Aborted on cancel and when the run was taken over. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The context that the work sees; `signal` joins ours and the caller's. */
  context(signal: AbortSignal): RunContext {
    const { id, kind, target, dryRun, force, actor } = this.#run;
    return {
      id,
      kind,
      target,
      dryRun,
      force,
      actor,
      signal,
      log: line => this.log(line),
      item: item => this.#item(item),
      progress: change => {
        this.#done += change.done ?? 0;
        this.#total += change.total ?? 0;
        this.#bytes += change.bytes ?? 0;
        this.#dirty = true;
      },
    };
  }

  /** One line of the run's log. */
  log(line: string): void {
    this.#lines.push({ at: this.#now().toISOString(), text: line });
    this.#logger.debug(line, { run: this.#run.id, kind: this.#run.kind });
  }

  /** Stops the timer and writes what is left. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    await this.#save();
  }

  #item(item: RunItem): void {
    this.#items.push(item);
    if (item.state === 'failed') {
      this.#failures.add(item.reference);
    } else {
      this.#failures.delete(item.reference);
    }
  }

  async #tick(): Promise<void> {
    try {
      await this.#save();
      if (await this.#store.isCancelRequested(this.#run.id)) {
        this.cancelled = true;
        this.#abort.abort(new Error('the run was cancelled'));
      }
    } catch (error) {
      // The database may be away for a moment: what was gathered is kept and
      // written by a later round.
      this.#logger.warn(`Run ${this.#run.id} could not be recorded: ${error}`);
    }
  }

  async #save(): Promise<void> {
    if (!this.#items.length && !this.#lines.length && !this.#dirty) {
      return;
    }
    // Taken out first: the work goes on speaking while this is being written.
    const items = this.#items;
    const lines = this.#lines;
    this.#items = [];
    this.#lines = [];
    this.#dirty = false;
    const mine = await this.#write(items, lines);
    if (!mine) {
      this.superseded = true;
      this.#abort.abort(new Error('another worker has taken this run over'));
    }
  }

  async #write(items: RunItem[], lines: RunChanges['lines']): Promise<boolean> {
    try {
      return await this.#store.save(this.#run.id, this.#run.attempt, {
        items,
        lines,
        done: this.#done,
        total: this.#total,
        bytes: this.#bytes,
      });
    } catch (error) {
      this.#items = [...items, ...this.#items];
      this.#lines = [...lines, ...this.#lines];
      this.#dirty = true;
      throw error;
    }
  }
}
