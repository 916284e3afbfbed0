import type {
  ApplicationRow,
  BaseRow,
  MirrorRow,
  Page,
  ReportFormat,
  ReportQuery,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { application, baseTag, mirrorTag } from './__fixtures__/rows';
import { report, reportedTiers, ReportSource } from './report';
import { toApplicationRow, toBaseRow, toMirrorRow } from './rowMappers';

const ok = {
  freshness: 'current',
  latest: null,
  latest_in_cycle: null,
  outdated_since: null,
  grace_until: null,
  violations: '[]',
  exemption: '',
  product: null,
  cycle: null,
  os_product: null,
  os_cycle: null,
  support: 'supported',
  eol_date: '2026-11-01',
  eol: '[]',
  status: 'ok',
  status_rank: 3,
};

function paged<Row>(rows: Row[], size = 2) {
  return async ({ cursor }: { cursor?: string }): Promise<Page<Row>> => {
    const start = Number(cursor ?? 0);
    return {
      items: rows.slice(start, start + size),
      totalItems: rows.length,
      pageInfo:
        start + size < rows.length ? { nextCursor: String(start + size) } : {},
    };
  };
}

function source(change: {
  mirrors?: MirrorRow[];
  bases?: BaseRow[];
  applications?: ApplicationRow[];
}): ReportSource {
  return {
    mirrors: paged(change.mirrors ?? []),
    bases: paged(change.bases ?? []),
    applications: paged(change.applications ?? []),
  };
}

async function text(
  from: ReportSource,
  format: ReportFormat,
  query: ReportQuery = {},
) {
  let all = '';
  for await (const piece of report(from, format, { query, warnDays: 30 })) {
    all += piece;
  }
  return all;
}

const mirrors = ['3.19.1', '3.20.1', '3.21.1', '3.22.1', '3.23.1'].map(tag =>
  toMirrorRow({ ...mirrorTag({ tag }), id: 1 }),
);
const bases = [
  toBaseRow({
    ...baseTag({ support: 'ended', status: 'critical' }),
    id: 1,
  }),
];
const applications = [
  toApplicationRow({
    ...application({ owner: 'group:default/shop' }),
    ...ok,
    freshness: 'outdated',
    status: 'critical',
    id: 1,
  }),
  toApplicationRow({
    ...application({ repository: 'reg.test/apps/a|b\n*x*', tag: '=1+1' }),
    ...ok,
    freshness: 'outdated',
    status: 'warning',
    id: 2,
  }),
];

describe('report', () => {
  it('has a table per tier, every page of it', async () => {
    const markdown = await text(
      source({ mirrors, bases, applications }),
      'text/markdown',
    );
    expect(
      markdown.split('\n').filter(line => line.startsWith('| alpine |')),
    ).toEqual([
      ...['3.19.1', '3.20.1', '3.21.1', '3.22.1', '3.23.1'].map(
        tag => `| alpine | ${tag} | linux/amd64 | 2026-11-01 | ✅ OK |`,
      ),
      '| alpine | 3.21.3-core1.0.0 | linux/amd64 | ❌ EOL | ❌ Expired |',
    ]);
    expect(markdown).toContain(
      '| Image | Version | Platforms | EOL | Status | Base | Owner |',
    );
    expect(markdown).toContain(
      '| reg.test/apps/shop | 1.0.0 | linux/amd64 | 2026-11-01 | ❌ Outdated | alpine:3.21.3-core1.0.0 | group:default/shop |',
    );
  });

  it('lets no cell break out of its table', async () => {
    const markdown = await text(source({ applications }), 'text/markdown');
    expect(markdown).toContain(
      '| reg.test/apps/a\\|b \\*x\\* | =1+1 | linux/amd64 | 2026-11-01 | ⚠️ Outdated |',
    );
  });

  it('is a CSV that no spreadsheet calculates with', async () => {
    const csv = await text(source({ bases, applications }), 'text/csv');
    const lines = csv.split('\r\n');
    expect(lines[0]).toBe('Tier,Image,Version,Platforms,EOL,Status,Base,Owner');
    expect(lines[1]).toBe(
      'bases,alpine,3.21.3-core1.0.0,linux/amd64,❌ EOL,❌ Expired,,',
    );
    expect(csv).toContain(
      `applications,"reg.test/apps/a|b\n*x*",'=1+1,linux/amd64`,
    );
  });

  it('is JSON of the rows, also when there are none', async () => {
    const json = JSON.parse(
      await text(source({ mirrors, applications }), 'application/json'),
    );
    expect(json.mirrors).toEqual(mirrors);
    expect(json.bases).toEqual([]);
    expect(json.applications).toEqual(applications);
  });

  it('is of one tier, with the filters and order of its table', async () => {
    const asked: TierQuery[] = [];
    const from: ReportSource = {
      ...source({ mirrors, applications }),
      bases: async query => {
        asked.push(query);
        return paged(bases)(query);
      },
    };
    const query = { tier: 'bases', status: 'critical', order: 'desc' } as const;
    expect(await text(from, 'text/markdown', query)).not.toMatch(
      /## (Mirrors|Applications)/,
    );
    expect(JSON.parse(await text(from, 'application/json', query))).toEqual({
      bases,
    });
    expect(asked).toEqual([
      { status: 'critical', order: 'desc', limit: 500 },
      { status: 'critical', order: 'desc', limit: 500 },
    ]);
  });

  it.each([
    [{}, ['mirrors', 'bases', 'applications']],
    [{ status: 'critical' }, ['mirrors', 'bases', 'applications']],
    [{ owner: 'group:default/a' }, ['bases', 'applications']],
    [{ project: 'a/b' }, ['applications']],
    [{ tier: 'mirrors', owner: 'group:default/a' }, ['mirrors']],
  ] as const)('without a tier is of those that have %j', (query, tiers) => {
    expect(reportedTiers(query)).toEqual(tiers);
  });
});
