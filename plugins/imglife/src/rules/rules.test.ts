import { eolDistance } from './eolDistance';
import { pathOf, shortName, tagOf } from './imageName';
import { recommendedBase } from './recommendedBase';
import { tierQueryOf } from './tierQuery';

describe('eolDistance', () => {
  const now = new Date('2026-11-23T23:59:59Z');
  it.each([
    ['2026-11-24', { ended: false, days: 1 }],
    ['2026-11-23', { ended: true, days: 0 }],
    ['2026-11-01', { ended: true, days: 22 }],
    ['2028-06-01', { ended: false, days: 556 }],
  ])('%s', (eolDate, expected) => {
    expect(eolDistance(eolDate, now)).toEqual(expected);
  });
});

describe('recommendedBase', () => {
  const base = { reference: 'r/b:1', digest: null, name: 'b', version: '1' };
  it.each([
    ['supported', 'r/b:1.1', 'r/b:2', 'r/b:1.1'],
    ['unknown', 'r/b:1.1', 'r/b:2', 'r/b:1.1'],
    ['ended', 'r/b:1.1', 'r/b:2', 'r/b:2'],
    ['ending', 'r/b:1', 'r/b:2', 'r/b:2'],
    ['supported', 'r/b:1', 'r/b:2', undefined],
    ['supported', null, 'r/b:2', 'r/b:2'],
    ['ended', null, null, undefined],
  ] as const)('%s, %s, %s: %s', (support, latestInCycle, latest, expected) => {
    expect(recommendedBase({ base, support, latest, latestInCycle })).toBe(
      expected,
    );
  });
});

describe('image names', () => {
  it.each([
    ['reg:5000/a/b:1.0', '1.0'],
    ['reg:5000/a/b', ''],
    ['reg/a:1@sha256:abc', '1'],
  ])('tagOf %s', (reference, tag) => {
    expect(tagOf(reference)).toBe(tag);
  });

  it('drops the host, or all but the end', () => {
    expect(pathOf('reg:5000/a/b')).toBe('a/b');
    expect(shortName('reg:5000/a/b')).toBe('b');
  });
});

describe('tierQueryOf', () => {
  it.each([
    [{}, { limit: 20 }],
    [{ limit: '100' }, { limit: 100 }],
    [{ limit: '0' }, { limit: 20 }],
    [{ limit: 'many' }, { limit: 20 }],
    [{ search: 'ab' }, { limit: 20 }],
    [
      { search: 'abc', all: 'true' },
      { search: 'abc', all: true, limit: 20 },
    ],
    [{ all: 'false', orderBy: 'colour', status: 'sad' }, { limit: 20 }],
    [{ page: '3', utm_source: 'mail' }, { limit: 20 }],
  ])('%j', (state, expected) => {
    expect(tierQueryOf(state)).toEqual(expected);
  });
});
