import type {
  Adoption,
  AdoptionQuery,
  Status,
  Support,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type { AdoptionDayTable } from '../database/tables';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;
const ROWS_PER_INSERT = 500;

type Group = Adoption['items'][number];

/** What adoption is counted by. */
export type AdoptionGroup = Pick<Group, 'tier' | 'base' | 'product' | 'cycle'>;

/** One verdict with what it is about and how many applications share it. */
interface SharedVerdict {
  reference: string;
  tier: string;
  name: string | null;
  product: string | null;
  cycle: string | null;
  os_product: string | null;
  os_cycle: string | null;
  status: Status;
  support: Support;
  eol_date: string | null;
  count: number | string;
  /** the one application whose row shows another, and which */
  beside?: { application: number; shown?: AdoptionGroup };
}

type PlatformVerdict = Omit<SharedVerdict, 'count'> & {
  application: number;
  shown: number;
};

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

  static create(options: { knex: Knex; now: () => Date }): AdoptionReader {
    return new AdoptionReader(options.knex, options.now);
  }

  private constructor(knex: Knex, now: () => Date) {
    this.#knex = knex;
    this.#now = now;
  }

  /** @param isAsked - of a group; undefined = all */
  async read(
    query: Pick<AdoptionQuery, 'days'>,
    isAsked: (group: AdoptionGroup) => boolean = () => true,
  ): Promise<Adoption> {
    const at = this.#now();
    const shared = await this.#shared();
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

/** Every group but the shown one that an application belongs to, once each. */
function besideShown(platforms: PlatformVerdict[]): SharedVerdict[] {
  const groupOf = (row: PlatformVerdict) =>
    `${row.application} ${JSON.stringify(keyOf(row))}`;
  const isShown = platforms.filter(row => Number(row.shown));
  const shown = new Map(isShown.map(row => [row.application, keyOf(row)]));
  const counted = new Set(isShown.map(groupOf));
  return platforms.flatMap(row => {
    const group = groupOf(row);
    if (counted.has(group)) {
      return [];
    }
    counted.add(group);
    const { application } = row;
    const beside = { application, shown: shown.get(application) };
    return [{ ...row, count: 1, beside }];
  });
}

/** How many applications these are: one that stands on several counts once. */
function countOnce(
  rows: SharedVerdict[],
  isAsked: (group: AdoptionGroup) => boolean,
): number {
  const asked = rows.filter(row => isAsked(keyOf(row)));
  const beside = asked.flatMap(row =>
    row.beside && !(row.beside.shown && isAsked(row.beside.shown))
      ? row.beside.application
      : [],
  );
  return asked
    .filter(row => !row.beside)
    .reduce((sum, row) => sum + Number(row.count), new Set(beside).size);
}

/** Most applications first. */
function grouped(rows: SharedVerdict[]): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const key = keyOf(row);
    const id = JSON.stringify(key);
    const group = groups.get(id) ?? {
      ...key,
      applications: 0,
      ok: 0,
      warning: 0,
      critical: 0,
      unknown: 0,
      repository: repositoryNamed(row),
      eolDate: row.eol_date,
      ended: 0,
      ending: 0,
    };
    group.applications += Number(row.count);
    group[row.status] += Number(row.count);
    if (row.support === 'ended' || row.support === 'ending') {
      group[row.support] += Number(row.count);
    }
    if (group.repository !== repositoryNamed(row)) {
      group.repository = null;
    }
    if (row.eol_date && !(group.eolDate && group.eolDate <= row.eol_date)) {
      group.eolDate = row.eol_date;
    }
    groups.set(id, group);
  }
  return [...groups.entries()]
    .sort(
      ([a, one], [b, other]) =>
        other.applications - one.applications || (a < b ? -1 : 1),
    )
    .map(([, group]) => group);
}

function keyOf(row: Omit<SharedVerdict, 'count'>): AdoptionGroup {
  const cycles = row.product
    ? { product: row.product, cycle: row.cycle }
    : { product: row.os_product, cycle: row.os_cycle };
  if (row.tier === 'none') {
    return { tier: 'scratch', base: null, ...cycles };
  }
  if (row.reference === '?') {
    return { tier: 'unknown', base: null, ...cycles };
  }
  const tier =
    row.tier === 'bases' || row.tier === 'mirrors' ? row.tier : 'upstream';
  return { tier, base: row.name ?? repositoryOf(row.reference), ...cycles };
}

/** The repository a use names; scratch, and what nobody knows, name none. */
function repositoryNamed(row: Omit<SharedVerdict, 'count'>): string | null {
  return row.tier === 'none' || row.reference === '?'
    ? null
    : repositoryOf(row.reference);
}

function repositoryOf(reference: string): string {
  const colon = reference.lastIndexOf(':');
  return colon > reference.lastIndexOf('/')
    ? reference.slice(0, colon)
    : reference;
}
