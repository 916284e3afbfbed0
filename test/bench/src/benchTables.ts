import type { BenchResult } from './Bench';
import { teamsOf } from './fillScale';
import { percentile } from './percentile';
import type { ScalePortal } from './ScalePortal';
import { BASES } from './scaleBases';
import { inTurn, ScalePortals, withScalePortals } from './withScalePortals';

const ROUNDS = Number(process.env.BENCH_REQUESTS ?? 100);
const DEEP_PAGE = 1_000;
/** As the portal asks. */
const LIMIT = 20;
const ORDERS = ['reference', 'builtAt', 'status', 'eolDate'];

interface Page {
  items: Array<{ reference: string }>;
  totalItems: number;
  pageInfo: { nextCursor?: string };
}

type Query = Record<string, string>;

/**
 * Each listed filter; what differs per round keeps answers out of caches. Of a
 * team both tables have fifty applications: it is the table that grows, and not
 * what is found in it.
 */
const FILTERS: Record<string, (round: number, teams: number) => Query> = {
  status: () => ({ status: 'warning' }),
  statusCommon: () => ({ status: 'critical' }),
  freshness: () => ({ freshness: 'current' }),
  support: () => ({ support: 'ended' }),
  product: () => ({ product: 'bench-linux' }),
  cycle: round => ({ cycle: `1.${round % 10}` }),
  owner: (round, teams) => ({ owner: ownerOf(round, teams) }),
  entityRef: round => ({
    entityRef: `component:default/app-${(1 + (round % 90)) * 10}`,
  }),
  project: (round, teams) => ({
    project: `team-${(round + 1) % teams}/app-${round + 1}`,
  }),
  base: round => ({ base: `base-${round % 30}` }),
  baseTag: round => ({ base: `base-${round % 30}:1.${round % 10}` }),
  search: (round, teams) => ({ search: `team-${round % teams}/` }),
  searchOne: round => ({ search: `app-${100 + round}-b` }),
  searchCommon: () => ({ search: 'team' }),
  searchNone: round => ({ search: `nowhere-${round}` }),
  all: () => ({ all: 'true' }),
  ownerByStatus: (round, teams) => ({
    owner: ownerOf(round, teams),
    orderBy: 'status',
  }),
  ownerAndStatus: (round, teams) => ({
    owner: ownerOf(round, teams),
    status: 'critical',
  }),
  searchByStatus: (round, teams) => ({
    search: `team-${round % teams}/`,
    orderBy: 'status',
  }),
  statusByBuilt: () => ({
    status: 'critical',
    orderBy: 'builtAt',
    order: 'desc',
  }),
};

/** Every tenth application, and so every tenth team, has an owner. */
function ownerOf(round: number, teams: number): string {
  return `group:default/team-${(round * 10) % teams}`;
}

async function page(portal: ScalePortal, query: Query) {
  const parameters = new URLSearchParams({ limit: `${LIMIT}`, ...query });
  return portal.ask<Page>('GET', `/v1/applications?${parameters}`);
}

/** The cursor of a page far in; of the small table that of its last. */
async function deepCursor(portal: ScalePortal, query: Query): Promise<string> {
  let cursor: string | undefined;
  // steps of ten pages get there sooner, and to the same place
  const step = 10;
  for (let at = 1; at < DEEP_PAGE; at += step) {
    const { answer } = await page(portal, {
      ...query,
      limit: `${LIMIT * step}`,
      ...(cursor && { cursor }),
    });
    const next = answer.pageInfo.nextCursor;
    if (!next) {
      break;
    }
    cursor = next;
  }
  if (!cursor) {
    throw new Error('there is no second page');
  }
  return cursor;
}

interface Measured {
  few: number;
  many: number;
}

/** p95 of both portals, by the name of what was asked. */
async function measureAll(
  portals: ScalePortals,
  log: (line: string) => void,
): Promise<Record<'first' | 'deep' | 'filter', Record<string, Measured>>> {
  const measure = async (
    name: string,
    ask: (portal: ScalePortal, round: number) => Query,
  ) => {
    const { few, many } = await inTurn(
      portals,
      ROUNDS,
      async (portal, round) => {
        const { ms } = await page(portal, ask(portal, Math.max(round, 0)));
        return ms;
      },
    );
    const measured = { few: percentile(few, 95), many: percentile(many, 95) };
    log(
      `${name}: ${measured.few.toFixed(1)} ms, ${measured.many.toFixed(1)} ms`,
    );
    return measured;
  };
  const result = { first: {}, deep: {}, filter: {} } as Record<
    'first' | 'deep' | 'filter',
    Record<string, Measured>
  >;
  for (const orderBy of ORDERS) {
    for (const order of ['asc', 'desc']) {
      const query = { orderBy, order };
      const name = `${orderBy} ${order}`;
      result.first[name] = await measure(name, () => query);
      const cursors = new Map<ScalePortal, string>();
      for (const portal of [portals.few, portals.many]) {
        cursors.set(portal, await deepCursor(portal, query));
      }
      result.deep[name] = await measure(`${name}, deep`, portal => ({
        ...query,
        cursor: cursors.get(portal)!,
      }));
    }
  }
  for (const [name, filter] of Object.entries(FILTERS)) {
    result.filter[name] = await measure(name, (portal, round) =>
      filter(round, teamsOf(portal.applications)),
    );
  }
  return result;
}

/** The largest p95 and the largest growth among some. */
function worst(measured: Record<string, Measured>): {
  ms: number;
  growth: number;
} {
  const all = Object.values(measured);
  return {
    ms: Math.max(...all.map(({ many }) => many)),
    growth: Math.max(...all.map(({ few, many }) => many / few)),
  };
}

/**
 * Pages of `/v1/applications` at 1,000 and at 1,000,000 applications: the
 * first and the thousandth in each order, and each filter.
 */
export async function benchTables(
  log: (line: string) => void,
): Promise<BenchResult> {
  return withScalePortals(0, log, async portals => {
    const measured = await measureAll(portals, log);
    const first = worst(measured.first);
    const deep = worst(measured.deep);
    const filter = worst(measured.filter);
    return {
      figures: {
        applications: portals.many.applications,
        baseTags: BASES,
        fillSeconds: portals.many.fillSeconds,
        firstPageP95Ms: first.ms,
        deepPageP95Ms: deep.ms,
        filterP95Ms: filter.ms,
      },
      ratios: {
        firstPageGrowth: first.growth,
        deepPageGrowth: deep.growth,
        filterGrowth: filter.growth,
      },
    };
  });
}
