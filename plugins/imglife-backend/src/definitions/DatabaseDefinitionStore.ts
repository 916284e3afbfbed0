import type { Knex } from 'knex';
import type { DefinitionTable } from '../database/tables';
import type {
  DeclaredDefinition,
  DefinitionKind,
  DefinitionStore,
} from './DefinitionStore';

// eleven columns a row stay well under SQLite's 999 variables
const CHUNK = 80;

function chunked<T>(items: T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, index) =>
    items.slice(index * CHUNK, (index + 1) * CHUNK),
  );
}

/** Keeps definitions in the plugin's database, table `definition`. */
export class DatabaseDefinitionStore implements DefinitionStore {
  readonly #knex: Knex;
  readonly #now: () => Date;

  static create(options: {
    knex: Knex;
    now: () => Date;
  }): DatabaseDefinitionStore {
    return new DatabaseDefinitionStore(options.knex, options.now);
  }

  private constructor(knex: Knex, now: () => Date) {
    this.#knex = knex;
    this.#now = now;
  }

  async declare(entries: DeclaredDefinition[]): Promise<void> {
    await this.#knex.transaction(async trx => {
      for (const chunk of chunked(entries)) {
        await this.#upsert(trx, chunk);
      }
      await this.#removeOthers(trx, entries);
    });
  }

  async list(): Promise<DefinitionTable[]> {
    return this.#knex<DefinitionTable>('definition')
      .select('*')
      .orderBy(['kind', 'name']);
  }

  async markQueued(
    kind: DefinitionKind,
    name: string,
    hash: string,
    at: string,
  ): Promise<void> {
    await this.#knex<DefinitionTable>('definition')
      .where({ kind, name })
      .update({ queued_hash: hash, queued_at: at, retry_at: null });
  }

  async markFinished(
    kind: DefinitionKind,
    name: string,
    end: { ok: boolean; at: string; retryAt?: string },
  ): Promise<void> {
    await this.#knex('definition')
      .where({ kind, name })
      .update({
        finished_at: end.at,
        failures: end.ok ? 0 : this.#knex.raw('failures + 1'),
        retry_at: end.ok ? null : end.retryAt ?? null,
      });
  }

  // one statement decides what is kept, so that replicas may start together
  async #upsert(trx: Knex, entries: DeclaredDefinition[]): Promise<void> {
    const since = this.#now().toISOString();
    const unlessChanged = (column: string, changed: string) =>
      trx.raw(
        `CASE WHEN definition.hash = excluded.hash THEN definition.${column} ELSE ${changed} END`,
      );
    await trx('definition')
      .insert(
        entries.map(({ kind, name, hash, source }) => ({
          kind,
          name,
          hash,
          source,
          since,
          failures: 0,
        })),
      )
      .onConflict(['kind', 'name'])
      .merge({
        hash: trx.raw('excluded.hash'),
        source: trx.raw('excluded.source'),
        since: unlessChanged('since', 'excluded.since'),
        failures: unlessChanged('failures', '0'),
        retry_at: unlessChanged('retry_at', 'NULL'),
      });
  }

  async #removeOthers(trx: Knex, entries: DeclaredDefinition[]) {
    const declared = new Set(
      entries.map(({ kind, name }) => `${kind} ${name}`),
    );
    const rows = await trx<DefinitionTable>('definition').select(
      'kind',
      'name',
    );
    const gone = rows.filter(row => !declared.has(`${row.kind} ${row.name}`));
    for (const chunk of chunked(gone)) {
      await trx<DefinitionTable>('definition')
        .whereIn(
          ['kind', 'name'],
          chunk.map(({ kind, name }) => [kind, name]),
        )
        .delete();
    }
  }
}
