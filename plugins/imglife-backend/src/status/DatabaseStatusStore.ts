import type {
  ApplicationRow,
  BaseRow,
  MirrorRow,
  OrderField,
  Page,
  Tier,
  TierCounts,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type { BaseTagTable, MirrorTagTable } from '../database/tables';
import { whereBase, whereBaseTag, type BaseFilter } from './baseFilter';
import type { ApplicationOrder } from './applicationOrder';
import { applicationPage, type PlacedReference } from './applicationPage';
import { keysetPage } from './keysetPage';
import { referenceOf } from './PublishedBases';
import { RareTrigrams } from './RareTrigrams';
import { JoinedApplication, toBaseRow, toMirrorRow } from './rowMappers';
import { splitApplications, withPlatforms } from './splitApplications';
import { splitReference } from './taggedReference';
import {
  applicationFilters,
  hasApplicationFilter,
  judgedFilters,
  orderColumn,
  productAndCycle,
  refuseFilters,
  shownMirrors,
} from './tierFilters';

const MIRROR_ORDER: Partial<Record<OrderField, string>> = {
  version: 'version_key',
  eolDate: 'eol_date',
  status: 'status_rank',
  pulledAt: 'pulled_at',
};
const BASE_ORDER: Partial<Record<OrderField, string>> = {
  version: 'version_key',
  eolDate: 'eol_date',
  status: 'status_rank',
  builtAt: 'built_at',
};
const APPLICATION_ORDER: Partial<Record<OrderField, string>> = {
  eolDate: 'eol_date',
  status: 'status_rank',
  builtAt: 'built_at',
};
/** Of bases: what is neither judged nor there. */
const NOT_SHOWN = ['retired', 'removed'];
const VERDICT_COLUMNS = [
  'freshness',
  'latest',
  'latest_in_cycle',
  'outdated_since',
  'grace_until',
  'violations',
  'exemption',
  'product',
  'cycle',
  'os_product',
  'os_cycle',
  'support',
  'eol_date',
  'eol',
  'status',
  'status_rank',
].map(column => `verdict.${column} as ${column}`);

/** Reads what the tables, the summary and the report show. */
export class DatabaseStatusStore {
  readonly #knex: Knex;
  readonly #rareTrigrams: RareTrigrams;

  static create(options: { knex: Knex; now: () => Date }): DatabaseStatusStore {
    return new DatabaseStatusStore(options);
  }

  private constructor(options: { knex: Knex; now: () => Date }) {
    this.#knex = options.knex;
    this.#rareTrigrams = RareTrigrams.create(options);
  }

  /** A page of the mirrors table. */
  async mirrors(query: TierQuery): Promise<Page<MirrorRow>> {
    refuseFilters('mirrors', query);
    const column = orderColumn('mirrors', query, MIRROR_ORDER);
    const filtered = () => {
      const rows = judgedFilters(this.#knex('mirror_tag'), 'mirror_tag', query);
      return query.all ? rows : shownMirrors(rows);
    };
    const page = await keysetPage<MirrorTagTable>({
      knex: this.#knex,
      rows: filtered().select('mirror_tag.*'),
      counted: filtered().select('mirror_tag.id'),
      query,
      column,
      table: 'mirror_tag',
      valueOf: row => row[column as keyof MirrorTagTable] as string,
    });
    return { ...page, items: page.items.map(toMirrorRow) };
  }

  /**
   * A page of the bases table.
   *
   * @param base - what the query's `base` means
   */
  async bases(query: TierQuery, base?: BaseFilter): Promise<Page<BaseRow>> {
    refuseFilters('bases', query);
    const column = orderColumn('bases', query, BASE_ORDER);
    const filtered = () => {
      const rows = judgedFilters(this.#knex('base_tag'), 'base_tag', query);
      if (!query.all && !NOT_SHOWN.includes(query.state ?? '')) {
        rows.whereNotIn('state', NOT_SHOWN);
      }
      if (query.used !== undefined) {
        rows.where('used_by', query.used ? '>' : '=', 0);
      }
      if (query.freshness) {
        rows.where('freshness', query.freshness);
      }
      if (query.owner) {
        rows.where('owner', query.owner);
      }
      return base ? whereBaseTag(rows, base) : rows;
    };
    const page = await keysetPage<BaseTagTable>({
      knex: this.#knex,
      rows: filtered().select('base_tag.*'),
      counted: filtered().select('base_tag.id'),
      query,
      column,
      table: 'base_tag',
      valueOf: row => row[column as keyof BaseTagTable] as string,
    });
    return { ...page, items: page.items.map(toBaseRow) };
  }

  /**
   * A page of the applications table.
   *
   * @param base - what the query's `base` means
   */
  async applications(
    query: TierQuery,
    base?: BaseFilter,
  ): Promise<Page<ApplicationRow>> {
    refuseFilters('applications', query);
    const column = orderColumn('applications', query, APPLICATION_ORDER);
    // The few verdicts are read first and named one by one: with a sub-select
    // the planner walks the applications instead
    const verdicts = await this.#verdictIds(query, base);
    const split = await splitApplications(this.#knex, query, base);
    const search = query.search
      ? await this.#rareTrigrams.plan(query.search)
      : undefined;
    const page = await applicationPage({
      knex: this.#knex,
      query,
      order: orderOf(column),
      filter: hasApplicationFilter(query)
        ? rows => applicationFilters(rows, query, search?.part)
        : undefined,
      isCostly: search && !search.isCommon,
      states: query.all ? undefined : ['current'],
      verdicts,
      split,
    });
    return { ...page, items: await this.#inOrder(page.items) };
  }

  /** One application, whatever its state. */
  async application(
    repository: string,
    tag: string,
  ): Promise<ApplicationRow | undefined> {
    const row = await this.#joined()
      .where({ 'application.repository': repository, 'application.tag': tag })
      .first('application.*', ...VERDICT_COLUMNS);
    return row && (await withPlatforms(this.#knex, [row]))[0];
  }

  /** The base rows of these references, and the mirror rows of those. */
  async lineage(
    references: string[],
  ): Promise<{ bases: BaseRow[]; mirrors: MirrorRow[] }> {
    const bases = await this.#byReference<BaseTagTable>('base_tag', references);
    const mirrors = await this.#byReference<MirrorTagTable>('mirror_tag', [
      ...references,
      ...bases.map(row => row.mirror_reference ?? ''),
    ]);
    return { bases: bases.map(toBaseRow), mirrors: mirrors.map(toMirrorRow) };
  }

  /** Counts per status; retired and removed bases and earlier applications do not count. */
  async counts(): Promise<Record<Tier, TierCounts>> {
    const mirrors = await shownMirrors(this.#knex('mirror_tag'))
      .groupBy('status')
      .select('status')
      .count({ count: '*' });
    const bases = await this.#knex('base_tag')
      .whereNotIn('state', NOT_SHOWN)
      .groupBy('status')
      .select('status')
      .count({ count: '*' });
    const applications = await this.#joined()
      .where('application.state', 'current')
      .groupBy('verdict.status')
      .select('verdict.status as status')
      .count({ count: '*' });
    return {
      mirrors: toCounts(mirrors),
      bases: toCounts(bases),
      applications: toCounts(applications),
    };
  }

  /** The rows of these references, in their order. */
  async #inOrder(references: PlacedReference[]): Promise<ApplicationRow[]> {
    const rows: JoinedApplication[] = references.length
      ? await this.#joined()
          // PostgreSQL makes a list of values one join, and a list without
          // VALUES as many conditions
          .whereRaw(
            `(application.repository, application.tag) IN (VALUES ${references
              .map(() => '(?, ?)')
              .join(', ')})`,
            references.flatMap(({ repository, tag }) => [repository, tag]),
          )
          .select('application.*', ...VERDICT_COLUMNS)
      : [];
    const byReference = new Map(rows.map(row => [referenceOf(row), row]));
    return withPlatforms(
      this.#knex,
      // one may have been forgotten just now
      references.flatMap(place => byReference.get(referenceOf(place)) ?? []),
    );
  }

  #joined(): Knex.QueryBuilder {
    return this.#knex('application').join(
      'verdict',
      'verdict.id',
      'application.verdict_id',
    );
  }

  async #byReference<T>(table: string, references: string[]): Promise<T[]> {
    const pairs = references.map(splitReference).filter(([, tag]) => tag);
    return pairs.length
      ? this.#knex(table).whereIn(['repository', 'tag'], pairs)
      : [];
  }

  async #verdictIds(
    query: TierQuery,
    base: BaseFilter | undefined,
  ): Promise<number[] | undefined> {
    const { status, freshness, support, product, cycle } = query;
    if (!status && !freshness && !support && !product && !cycle && !base) {
      return undefined;
    }
    const rows = this.#knex('verdict').select('verdict.id');
    for (const [key, value] of Object.entries({ status, freshness, support })) {
      if (value) {
        rows.where(key, value);
      }
    }
    if (base) {
      rows.join('base_use', 'base_use.id', 'verdict.base_use_id');
      whereBase(rows, base);
    }
    return (await productAndCycle(rows, query)).map(
      (row: { id: number }) => row.id,
    );
  }
}

function orderOf(column: string | undefined): ApplicationOrder {
  if (column === undefined) {
    return { by: 'reference', column: '' };
  }
  return { by: column === 'built_at' ? 'application' : 'verdict', column };
}

function toCounts(
  rows: Array<{ status?: string | number; count?: string | number }>,
): TierCounts {
  const counts: TierCounts = {
    total: 0,
    ok: 0,
    warning: 0,
    critical: 0,
    unknown: 0,
  };
  for (const row of rows) {
    const count = Number(row.count);
    counts.total += count;
    counts[row.status as keyof TierCounts] += count;
  }
  return counts;
}
