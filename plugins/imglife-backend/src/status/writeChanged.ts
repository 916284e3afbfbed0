import type { Knex } from 'knex';

// SQLite binds at most 32,766 variables in a statement
const CHUNK = 1_000;

/** Values by column name. */
export type ColumnValues = Record<string, string | number | null>;

/** New values of some columns of one row. */
export interface RowChange {
  id: number;
  values: ColumnValues;
}

/**
 * Whether a row differs from its new values. PostgreSQL and SQLite both give
 * text and integers back as they were written.
 */
export function differs(row: object, values: ColumnValues): boolean {
  const present = row as Record<string, unknown>;
  return Object.entries(values).some(([key, value]) => present[key] !== value);
}

/**
 * Writes changes, one statement per distinct set of values: thousands of rows
 * share a few judgements.
 */
export async function writeChanged(
  trx: Knex,
  table: string,
  changes: RowChange[],
): Promise<void> {
  const groups = new Map<string, RowChange[]>();
  for (const change of changes) {
    const key = JSON.stringify(change.values);
    const group = groups.get(key);
    if (group) {
      group.push(change);
    } else {
      groups.set(key, [change]);
    }
  }
  for (const group of groups.values()) {
    const ids = group.map(({ id }) => id);
    for (let start = 0; start < ids.length; start += CHUNK) {
      await trx(table)
        .whereIn('id', ids.slice(start, start + CHUNK))
        .update(group[0].values);
    }
  }
}
