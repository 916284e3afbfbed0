import { adoptionItem, applicationRow, baseRow } from '../__fixtures__/rows';
import { adoptionBars } from './adoptionBars';
import { affectedOwners } from './affectedOwners';
import { type BaseCycle, baseCycles, cycleName } from './baseCycles';
import { eolTimeline, timelineHorizon } from './eolTimeline';
import { withQuery } from './withQuery';

describe('baseCycles', () => {
  it('joins what applications stand on with what nobody uses, first to end first', () => {
    const cycles = baseCycles(
      {
        items: [
          adoptionItem({ cycle: '3.24', applications: 3, ending: 1 }),
          adoptionItem({ cycle: '3.19', eolDate: '2025-11-01' }),
          adoptionItem({ tier: 'upstream', base: 'docker.io/library/alpine' }),
          adoptionItem({ base: 'plain', product: null, eolDate: null }),
        ],
      },
      [
        baseRow({ cycle: '3.24', eolDate: '2028-05-01' }),
        baseRow({ cycle: '3.24', eolDate: '2028-07-01' }),
        baseRow({ cycle: '3.23', eolDate: '2027-11-01', support: 'ending' }),
        baseRow({ cycle: null, product: null, eolDate: null }),
      ],
    );
    expect(
      cycles.map(cycle => [
        cycleName(cycle),
        cycle.eolDate,
        cycle.applications,
        cycle.ending,
      ]),
    ).toEqual([
      ['alpine 3.19', '2025-11-01', 3, false],
      ['alpine 3.23', '2027-11-01', 0, true],
      ['alpine 3.24', '2028-05-01', 3, true],
    ]);
  });
});

describe('eolTimeline', () => {
  const now = new Date('2026-11-29T23:59:00Z');
  const cycle = (eolDate: string, applications = 1): BaseCycle => ({
    id: eolDate,
    base: 'alpine',
    repository: null,
    product: 'alpine-linux',
    cycle: '3.1',
    eolDate,
    ending: false,
    applications,
  });

  it('has today at a third: six months of eighteen', () => {
    const { today, ticks } = eolTimeline([], now);
    expect(today).toBeCloseTo(33.5, 0);
    expect(
      ticks.map(({ at, month }) => [Math.round(at), month.toISODate()]),
    ).toEqual([
      [0, '2026-05-29'],
      [66, '2027-05-29'],
      [100, '2027-11-29'],
    ]);
    expect(timelineHorizon(now)).toBe('2027-11-29');
  });

  it.each([
    ['2024-01-01', true, true, 33.5],
    ['2026-11-01', true, false, 5],
    ['2026-11-29', true, false, 0],
    ['2026-12-01', false, false, 0.4],
    ['2027-11-29', false, false, 66.5],
  ])('%s: ended %s, beyond the edge %s, %d percent', (eolDate, ...bar) => {
    const [ended, clipped, width] = bar;
    const { bars } = eolTimeline([cycle(eolDate)], now);
    expect(bars).toMatchObject([{ ended, clipped }]);
    expect(bars[0].width).toBeCloseTo(width, 0);
  });

  it('leaves out what ends later, and what has ended and is used by nobody', () => {
    const cycles = [
      cycle('2026-11-28', 0),
      cycle('2026-11-30', 0),
      cycle('2027-11-30'),
    ];
    const { bars } = eolTimeline(cycles, now);
    expect(bars.map(bar => bar.cycle.eolDate)).toEqual(['2026-11-30']);
  });
});

describe('adoptionBars', () => {
  it('sums what stands on none of ours, and says how a table shows each', () => {
    const bars = adoptionBars({
      items: [
        adoptionItem({ applications: 9, ended: 2 }),
        adoptionItem({ tier: 'mirrors', applications: 2 }),
        adoptionItem({ tier: 'upstream', applications: 1, ended: 1 }),
        adoptionItem({ tier: 'scratch', base: null, applications: 4 }),
        adoptionItem({
          base: 'odd',
          repository: null,
          product: null,
          cycle: null,
        }),
      ],
    });
    expect(
      bars.map(bar => [bar.kind, bar.applications, bar.ended, bar.query]),
    ).toEqual([
      [
        'base',
        9,
        2,
        {
          base: 'registry.example.com/bases/alpine',
          product: 'alpine-linux',
          cycle: '3.24',
        },
      ],
      ['base', 3, 0, { base: 'odd' }],
      ['unmanaged', 3, 1, { freshness: 'unmanaged' }],
      ['scratch', 4, 0, { freshness: 'none' }],
    ]);
  });
});

it('names owners by the number of their applications, nobody last', () => {
  const owners = [null, 'group:default/b', 'group:default/a', null, null];
  const rows = [...owners, 'group:default/b'].map(owner =>
    applicationRow({ owner }),
  );
  expect(affectedOwners(rows)).toEqual([
    { owner: 'group:default/b', count: 2 },
    { owner: 'group:default/a', count: 1 },
    { owner: null, count: 3 },
  ]);
});

it.each([
  [
    '/x',
    { a: 'r/y:1', b: undefined, c: null, d: false },
    '/x?a=r%2Fy%3A1&d=false',
  ],
  ['/x', {}, '/x'],
  [undefined, { a: '1' }, undefined],
])('links %s with %j: %s', (path, query, href) => {
  expect(withQuery(path, query)).toBe(href);
});
