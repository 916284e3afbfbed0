import type { Knex } from 'knex';
import type { DefinitionFileTable } from '../database/tables';
import type { DefinitionFileStore } from './DefinitionFileStore';

/** Keeps definition files in the plugin's database, table `definition_file`. */
export class DatabaseDefinitionFileStore implements DefinitionFileStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): DatabaseDefinitionFileStore {
    return new DatabaseDefinitionFileStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  async list(): Promise<DefinitionFileTable[]> {
    return this.#rows().select('*').orderBy('url');
  }

  async claim(url: string, at: string, dueBefore: string): Promise<boolean> {
    // two that insert at once: one row, and the tried_at below decides
    await this.#rows().insert({ url, tried_at: '' }).onConflict('url').ignore();
    const taken = await this.#rows()
      .where({ url })
      .where('tried_at', '<=', dueBefore)
      .update({ tried_at: at });
    return taken > 0;
  }

  async recordContent(
    url: string,
    read: { content: string; etag?: string; at: string },
  ): Promise<void> {
    await this.#rows()
      .where({ url })
      .update({
        content: read.content,
        etag: read.etag ?? null,
        read_at: read.at,
        error: null,
        error_since: null,
      });
  }

  async recordUnchanged(url: string, at: string): Promise<void> {
    await this.#rows()
      .where({ url })
      .update({ read_at: at, error: null, error_since: null });
  }

  async recordError(url: string, error: string, at: string): Promise<void> {
    await this.#rows()
      .where({ url })
      .update({
        error,
        error_since: this.#knex.raw('coalesce(error_since, ?)', [at]),
      });
  }

  #rows() {
    return this.#knex<DefinitionFileTable>('definition_file');
  }
}
