import type {
  Page,
  Run,
  RunKind,
  RunQuery,
  RunState,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type { RunItemTable, RunLogTable, RunTable } from '../database/tables';
import type {
  NewRun,
  RunChanges,
  RunLogLine,
  RunStore,
  StartedRun,
} from './RunStore';
import { runPage } from './runPage';
import { toRun, toStartedRun } from './runRows';

const OPEN: RunState[] = ['queued', 'running'];
// Knex writes SQLite's multi-row inserts as a compound SELECT: at most 500 terms.
const CHUNK = 500;

/** {@link RunStore} over the tables `run`, `run_item` and `run_log`. */
export class DatabaseRunStore implements RunStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): DatabaseRunStore {
    return new DatabaseRunStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  async create(
    run: NewRun,
    enqueue: (trx: Knex.Transaction) => Promise<boolean>,
  ): Promise<boolean> {
    return this.#knex.transaction(async trx => {
      if (!(await enqueue(trx))) {
        return false;
      }
      await trx<RunTable>('run').insert({
        id: run.id,
        kind: run.kind,
        target: run.target ?? null,
        trigger: run.trigger,
        actor: run.actor,
        dry_run: run.dryRun,
        force: run.force,
        state: 'queued',
        created_at: run.createdAt,
      });
      return true;
    });
  }

  async joinQueued(run: NewRun): Promise<string | undefined> {
    return this.#knex.transaction(async trx => {
      const waiting = await trx<RunTable>('run')
        .where({
          kind: run.kind,
          state: 'queued',
          dry_run: run.dryRun,
          target: run.target ?? null,
        })
        .orderBy('created_at', 'desc')
        .first('id', 'force');
      if (!waiting || !run.force || waiting.force) {
        return waiting?.id;
      }
      const changed = await trx<RunTable>('run')
        .where({ id: waiting.id, state: 'queued' })
        .update({ force: true });
      if (!changed) {
        return undefined;
      }
      await trx<RunLogTable>('run_log').insert({
        run_id: waiting.id,
        at: run.createdAt,
        text: `forced by ${run.actor}`,
      });
      return waiting.id;
    });
  }

  async get(id: string): Promise<Run | undefined> {
    const row = await this.#knex<RunTable>('run').where({ id }).first();
    if (!row) {
      return undefined;
    }
    const items = await this.#knex<RunItemTable>('run_item')
      .where({ run_id: id })
      .orderBy('id');
    return toRun(row, items);
  }

  async list(query: RunQuery): Promise<Page<Run>> {
    return runPage(this.#knex, query);
  }

  async begin(id: string, at: string): Promise<StartedRun | undefined> {
    return this.#knex.transaction(async trx => {
      const changed = await trx<RunTable>('run')
        .where({ id })
        .whereIn('state', OPEN)
        .update({
          state: 'running',
          attempt: trx.raw('attempt + 1'),
          started_at: trx.raw('coalesce(started_at, ?)', [at]),
          done: 0,
          total: 0,
          bytes: 0,
        });
      const row = changed && (await trx<RunTable>('run').where({ id }).first());
      if (!row) {
        return undefined;
      }
      return toStartedRun(row);
    });
  }

  async save(
    id: string,
    attempt: number,
    changes: RunChanges,
  ): Promise<boolean> {
    return this.#knex.transaction(async trx => {
      const mine = await trx<RunTable>('run')
        .where({ id, attempt, state: 'running' })
        .update({
          done: changes.done,
          total: changes.total,
          bytes: changes.bytes,
        });
      if (!mine) {
        return false;
      }
      const latest = new Map(changes.items.map(item => [item.reference, item]));
      const items = [...latest.values()].map(item => ({
        ...item,
        run_id: id,
        changes: item.changes ? JSON.stringify(item.changes) : null,
        bytes: item.bytes ?? null,
      }));
      for (let start = 0; start < items.length; start += CHUNK) {
        await trx<RunItemTable>('run_item')
          .insert(items.slice(start, start + CHUNK))
          .onConflict(['run_id', 'reference'])
          .merge();
      }
      const lines = changes.lines.map(line => ({ run_id: id, ...line }));
      for (let start = 0; start < lines.length; start += CHUNK) {
        await trx<RunLogTable>('run_log').insert(
          lines.slice(start, start + CHUNK),
        );
      }
      return true;
    });
  }

  async finish(
    id: string,
    attempt: number,
    end: { state: RunState; at: string; error?: string },
  ): Promise<boolean> {
    const changed = await this.#knex<RunTable>('run')
      .where({ id, attempt, state: 'running' })
      .update({
        state: end.state,
        finished_at: end.at,
        error: end.error ?? null,
      });
    return changed > 0;
  }

  async release(id: string, attempt: number): Promise<void> {
    await this.#knex<RunTable>('run')
      .where({ id, attempt, state: 'running' })
      .update({ state: 'queued' });
  }

  async requestCancel(
    id: string,
    at: string,
    dequeue: (kind: RunKind, trx: Knex.Transaction) => Promise<void>,
  ): Promise<RunState | undefined> {
    return this.#knex.transaction(async trx => {
      const waited = await trx<RunTable>('run')
        .where({ id, state: 'queued' })
        .update({ state: 'cancelled', finished_at: at });
      await trx<RunTable>('run')
        .where({ id, state: 'running' })
        .update({ cancel_requested: true });
      const row = await trx<RunTable>('run').where({ id }).first();
      if (waited && row) {
        await dequeue(row.kind as RunKind, trx);
      }
      return row?.state as RunState | undefined;
    });
  }

  async isCancelRequested(id: string): Promise<boolean> {
    const row = await this.#knex<RunTable>('run')
      .where({ id })
      .first('cancel_requested');
    return Boolean(row?.cancel_requested);
  }

  async listOpen(
    createdBefore: string,
  ): Promise<Array<{ id: string; kind: RunKind }>> {
    return (await this.#knex<RunTable>('run')
      .whereIn('state', OPEN)
      .where('created_at', '<', createdBefore)
      .orderBy('created_at')
      .select('id', 'kind')) as Array<{ id: string; kind: RunKind }>;
  }

  async abandon(
    ids: string[],
    at: string,
    error: string,
  ): Promise<StartedRun[]> {
    const rows = await this.#knex<RunTable>('run')
      .whereIn('id', ids)
      .whereIn('state', OPEN)
      .update({ state: 'failed', finished_at: at, error })
      .returning('*');
    return rows.map(toStartedRun);
  }

  async readLog(
    id: string,
    afterId: number,
    limit: number,
  ): Promise<RunLogLine[]> {
    return this.#knex<RunLogTable>('run_log')
      .where({ run_id: id })
      .where('id', '>', afterId)
      .orderBy('id')
      .limit(limit)
      .select('id', 'at', 'text');
  }

  async lastFinished(): Promise<Partial<Record<RunKind, string>>> {
    const rows = await this.#knex<RunTable>('run')
      .where({ state: 'succeeded', dry_run: false })
      .groupBy('kind')
      .select('kind')
      .max<Array<{ kind: RunKind; at: string }>>({ at: 'finished_at' });
    return Object.fromEntries(rows.map(row => [row.kind, row.at]));
  }
}
