import type { Knex } from 'knex';
import type { CycleTable, ProductTable } from '../database/tables';
import type { LifecycleStore, StoredProduct } from './LifecycleStore';
import type { ProductFacts, ReleaseFacts } from './productFacts';

// eight columns a row stay well under SQLite's 999 variables
const CHUNK = 100;

type CycleRow = Omit<CycleTable, 'is_eol'> & { is_eol: boolean | null };

function toProductRow(product: StoredProduct): ProductTable {
  return {
    name: product.name,
    aliases: JSON.stringify(product.aliases),
    label: product.label,
    purls: JSON.stringify(product.purls),
    source: product.source,
    fetched_at: product.fetchedAt,
    error: product.error ?? null,
  };
}

function toCycleRow(cycle: ReleaseFacts): CycleRow {
  return {
    product: cycle.product,
    name: cycle.name,
    codename: cycle.codename ?? null,
    release_date: cycle.releaseDate ?? null,
    eol_date: cycle.eolDate ?? null,
    is_eol: cycle.isEol ?? null,
    eoes_date: cycle.eoesDate ?? null,
    latest: cycle.latest ?? null,
  };
}

function toCycle(row: CycleTable): ReleaseFacts {
  return {
    product: row.product,
    name: row.name,
    codename: row.codename ?? undefined,
    releaseDate: row.release_date ?? undefined,
    eolDate: row.eol_date ?? undefined,
    isEol: row.is_eol === null ? undefined : Boolean(row.is_eol),
    eoesDate: row.eoes_date ?? undefined,
    latest: row.latest ?? undefined,
  };
}

function toProduct(row: ProductTable, cycles: ReleaseFacts[]): StoredProduct {
  return {
    name: row.name,
    label: row.label,
    aliases: JSON.parse(row.aliases),
    purls: JSON.parse(row.purls),
    source: row.source,
    fetchedAt: row.fetched_at,
    error: row.error ?? undefined,
    cycles,
  };
}

/** Keeps end-of-life data in the plugin's database, tables `product` and `cycle`. */
export class DatabaseLifecycleStore implements LifecycleStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): DatabaseLifecycleStore {
    return new DatabaseLifecycleStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  async readAll(): Promise<StoredProduct[]> {
    const products = await this.#knex<ProductTable>('product').orderBy('name');
    const rows = await this.#knex<CycleTable>('cycle');
    const cycles = new Map<string, ReleaseFacts[]>();
    for (const row of rows) {
      const of = cycles.get(row.product) ?? [];
      cycles.set(row.product, [...of, toCycle(row)]);
    }
    return products.map(row => toProduct(row, cycles.get(row.name) ?? []));
  }

  async replace(product: StoredProduct): Promise<void> {
    await this.#knex.transaction(trx => write(trx, [product]));
  }

  async seed(products: ProductFacts[], generatedAt: string): Promise<void> {
    await this.#knex.transaction(async trx => {
      const kept = await trx<ProductTable>('product')
        .whereExists(
          trx('cycle').select('name').whereRaw('cycle.product = product.name'),
        )
        .andWhere(query =>
          query
            .whereNot('source', 'snapshot')
            .orWhere('fetched_at', '>=', generatedAt),
        )
        .pluck('name');
      const names = new Set<string>(kept);
      await write(
        trx,
        products
          .filter(({ name }) => !names.has(name))
          .map(product => ({
            ...product,
            source: 'snapshot',
            fetchedAt: generatedAt,
          })),
      );
    });
  }

  async recordFailure(name: string, error: string, at: string): Promise<void> {
    await this.#knex<ProductTable>('product')
      .insert(
        toProductRow({
          name,
          label: name,
          aliases: [],
          purls: [],
          source: 'api',
          fetchedAt: at,
          error,
          cycles: [],
        }),
      )
      .onConflict('name')
      .merge(['error']);
  }
}

async function write(trx: Knex, products: StoredProduct[]): Promise<void> {
  // by name, so that two writers lock rows in one order
  const sorted = [...products].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (let start = 0; start < sorted.length; start += CHUNK) {
    const chunk = sorted.slice(start, start + CHUNK);
    await trx<ProductTable>('product')
      .insert(chunk.map(toProductRow))
      .onConflict('name')
      .merge();
    await trx('cycle')
      .whereIn(
        'product',
        chunk.map(({ name }) => name),
      )
      .delete();
  }
  const cycles = sorted.flatMap(product => uniqueCycles(product));
  for (let start = 0; start < cycles.length; start += CHUNK) {
    await trx('cycle').insert(cycles.slice(start, start + CHUNK));
  }
}

function uniqueCycles(product: StoredProduct): CycleRow[] {
  const rows = product.cycles.map(toCycleRow);
  return [...new Map(rows.map(row => [row.name, row])).values()];
}
