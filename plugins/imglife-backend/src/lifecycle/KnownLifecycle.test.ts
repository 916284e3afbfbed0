import { fixtureProducts } from './__fixtures__/fixtureProducts';
import { KnownLifecycle } from './KnownLifecycle';

const now = new Date('2026-11-23T12:00:00Z');

function createLifecycle(inUse: string[] = ['debian']) {
  return KnownLifecycle.create({
    products: [
      ...fixtureProducts.map(product => ({
        ...product,
        fetchedAt:
          product.name === 'debian'
            ? '2026-11-20T00:00:00.000Z'
            : '2026-08-22T00:00:00.000Z',
      })),
      {
        name: 'ubuntu',
        aliases: [],
        purls: [],
        cycles: [
          { product: 'ubuntu', name: '22.04', codename: 'Jammy Jellyfish' },
          { product: 'ubuntu', name: '24.04', codename: 'Noble Numbat' },
        ],
      },
      {
        name: 'failed',
        aliases: ['debian'],
        purls: [],
        cycles: [],
        fetchedAt: '2026-01-01T00:00:00.000Z',
      },
    ],
    inUse: new Set(inUse),
    now,
  });
}

describe('KnownLifecycle', () => {
  const alpine320 = { osProduct: 'alpine-linux', osCycle: '3.20' };
  const bookworm = { osProduct: 'debian', osCycle: '12' };

  it.each<[string | undefined, string, string | undefined, object]>([
    ['alpine-linux', '3.21.3', '3.21', {}],
    ['alpine-linux', '3.2', '3.2', {}],
    ['alpine-linux', '3', undefined, {}],
    ['alpine-linux', 'edge', undefined, {}],
    ['alpine-linux', '20240329', undefined, {}],
    ['debian', '12.8', '12', {}],
    ['debian', '12.8-slim', '12', {}],
    ['debian', 'bookworm-20250224-slim', '12', {}],
    ['debian', 'trixie', '13', {}],
    ['debian', 'sid', undefined, {}],
    ['ubuntu', 'jammy-20240227', '22.04', {}],
    ['ubuntu', '24.04', '24.04', {}],
    ['eclipse-temurin', '21.0.5_11-jre-alpine', '21', {}],
    ['eclipse-temurin', '21.0.5_11-jre-alpine-3.20', '21', alpine320],
    ['eclipse-temurin', '8u502-b07-jdk', '8', {}],
    [
      'eclipse-temurin',
      '25.0.4.1_1-jdk-noble',
      '25',
      { osProduct: 'ubuntu', osCycle: '24.04' },
    ],
    ['nodejs', 'v24.1.0-alpine3.20', '24', alpine320],
    ['nodejs', '24-slim-bookworm', '24', bookworm],
    ['nodejs', 'bookworm-slim', undefined, bookworm],
    [undefined, '1.2.3-alpine3.20', undefined, alpine320],
    ['unheard-of', '1.2.3', undefined, {}],
  ])('finds the cycles of %s:%s', (product, tag, cycle, os) => {
    expect(createLifecycle().cyclesOf(product, tag)).toEqual({
      product,
      cycle,
      ...os,
    });
  });

  it('judges an image by its product and its system, with their ages', () => {
    const lifecycle = createLifecycle();
    const cycles = lifecycle.cyclesOf('nodejs', '24.1.0-bookworm');

    expect(lifecycle.judge(cycles, { now, warnDays: 30 })).toEqual({
      support: 'ended',
      eolDate: '2026-07-11',
      eol: [
        {
          product: 'nodejs',
          cycle: '24',
          eolDate: '2028-04-30',
          dataAgeDays: 93,
        },
        {
          product: 'debian',
          cycle: '12',
          eolDate: '2026-07-11',
          dataAgeDays: 3,
        },
      ],
    });
    expect(
      lifecycle.judge(cycles, { now, warnDays: 30, extendedSupport: true }),
    ).toMatchObject({ support: 'supported', eolDate: '2028-04-30' });
    expect(
      lifecycle.judge(
        { product: 'debian', cycle: '99' },
        { now, warnDays: 30 },
      ),
    ).toEqual({ support: 'unknown', eolDate: undefined, eol: [] });
  });

  it('is as old as the oldest data in use', () => {
    expect(createLifecycle().ageDays).toBe(3);
    expect(createLifecycle(['debian', 'nodejs']).ageDays).toBe(93);
    expect(createLifecycle(['failed']).ageDays).toBeUndefined();
  });

  it('lists cycles newest first', () => {
    const lifecycle = createLifecycle();
    const names = lifecycle
      .cyclesOfProduct('alpine-linux')
      .map(({ name }) => name);

    expect(names.slice(0, 3)).toEqual(['3.24', '3.23', '3.22']);
    expect(lifecycle.cyclesOfProduct('ubuntu').map(({ name }) => name)).toEqual(
      ['24.04', '22.04'],
    );
    expect(lifecycle.cyclesOfProduct('unheard-of')).toEqual([]);
  });

  it('takes no alias from a product of which nothing is known', () => {
    const source = { registry: 'x.example.com', repository: 'y' };

    expect(createLifecycle().productOf(source, 'debian')).toBe('debian');
    expect(createLifecycle().productOf(source, 'node')).toBe('nodejs');
    expect(createLifecycle().productOf(source)).toBeUndefined();
  });
});
