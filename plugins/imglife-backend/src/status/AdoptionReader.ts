import type {
  Adoption,
  AdoptionQuery,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type { AdoptionDayTable } from '../database/tables';
import { keptFor } from '../keptFor';
import {
  besideShown,
  countOnce,
  grouped,
  type AdoptionGroup,
  type PlatformVerdict,
  type SharedVerdict,
} from './adoptionGroups';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;
const ROWS_PER_INSERT = 500;
/** Counting a million applications takes a tenth of a second. */
const SHARED_MS = 10_000;

const COLUMNS = [
  'base_use.reference',
  'base_use.tier',
  'verdict.name',
  'verdict.product',
  'verdict.cycle',
  'verdict.os_product',
  'verdict.os_cycle',
  'verdict.status',
  'verdict.support',
  'verdict.eol_date',
];

/**
 * How many current applications stand on each base and cycle, now and day by
 * day. Now is counted; the past is what was counted then.
 */
export class AdoptionReader {
  readonly #knex: Knex;
  readonly #now: () => Date;
  /** at most 10 s old */
  readonly #sharedLately: () => Promise<SharedVerdict[]>;

  static create(options: { knex: Knex; now: () => Date }): AdoptionReader {
    return new AdoptionReader(options.knex, options.now);
  }

  private constructor(knex: Knex, now: () => Date) {
    this.#knex = knex;
    this.#now = now;
    this.#sharedLately = keptFor(SHARED_MS, now, () => this.#shared());
  }

  /** @param isAsked - of a group; undefined = all */
  async read(
    query: Pick<AdoptionQuery, 'days'>,
    isAsked: (group: AdoptionGroup) => boolean = () => true,
  ): Promise<Adoption> {
    const at = this.#now();
    const shared = await this.#sharedLately();
    const items = grouped(shared).filter(isAsked);
    const today = at.toISOString().slice(0, 10);
    const days = query.days ?? DEFAULT_DAYS;
    const since = new Date(at.getTime() - days * DAY_MS)
      .toISOString()
      .slice(0, 10);
    const past = await this.#past(since, today, isAsked);
    return {
      at: at.toISOString(),
      totalApplications: countOnce(shared, isAsked),
      items,
      history: [
        ...past,
        {
          day: today,
          items: items.map(({ tier, base, product, cycle, applications }) => ({
            tier,
            base,
            product,
            cycle,
            applications,
          })),
        },
      ],
    };
  }

  /** Keeps today's counts; the last call of a day is what stays of it. */
  async keepToday(): Promise<void> {
    const day = this.#now().toISOString().slice(0, 10);
    const rows: AdoptionDayTable[] = grouped(await this.#shared()).map(
      group => ({
        day,
        tier: group.tier,
        base: group.base ?? '',
        product: group.product ?? '',
        cycle: group.cycle ?? '',
        applications: group.applications,
      }),
    );
    await this.#knex.transaction(async trx => {
      await trx<AdoptionDayTable>('adoption_day').where({ day }).delete();
      for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
        await trx('adoption_day').insert(
          rows.slice(start, start + ROWS_PER_INSERT),
        );
      }
    });
  }

  /** What current applications stand on: as their rows show, and beside it. */
  async #shared(): Promise<SharedVerdict[]> {
    const counted = this.#knex('application')
      .where('state', 'current')
      .groupBy('verdict_id')
      .select('verdict_id')
      .count({ count: '*' })
      .as('counted');
    const shown: SharedVerdict[] = await this.#knex('verdict')
      .join(counted, 'counted.verdict_id', 'verdict.id')
      .join('base_use', 'base_use.id', 'verdict.base_use_id')
      .select(...COLUMNS, 'counted.count');
    const platforms: PlatformVerdict[] = await this.#knex(
      'application_platform',
    )
      .join(
        'application',
        'application.id',
        'application_platform.application_id',
      )
      .join('verdict', 'verdict.id', 'application_platform.verdict_id')
      .join('base_use', 'base_use.id', 'verdict.base_use_id')
      .where('application.state', 'current')
      .orderBy(['application_platform.application_id', 'position'])
      .select(
        ...COLUMNS,
        'application.id as application',
        this.#knex.raw(
          'case when application.verdict_id = verdict.id then 1 else 0 end as shown',
        ),
      );
    return [...shown, ...besideShown(platforms)];
  }

  async #past(
    since: string,
    today: string,
    isAsked: (group: AdoptionGroup) => boolean,
  ): Promise<Adoption['history']> {
    const rows = await this.#knex<AdoptionDayTable>('adoption_day')
      .where('day', '>=', since)
      .where('day', '<', today)
      .orderBy(['day', 'tier', 'base', 'product', 'cycle']);
    const days = new Map<string, Adoption['history'][number]['items']>();
    for (const row of rows) {
      const group = {
        tier: row.tier,
        base: row.base || null,
        product: row.product || null,
        cycle: row.cycle || null,
      };
      const items = days.get(row.day) ?? [];
      if (isAsked(group)) {
        items.push({ ...group, applications: row.applications });
      }
      days.set(row.day, items);
    }
    return [...days].map(([day, items]) => ({ day, items }));
  }
}
