import { historyEntry } from '../__fixtures__/images';
import { driftLine } from './driftLine';
import { eolDistance } from './eolDistance';
import { pathOf, shortName, tagOf, untagged } from './imageName';
import { recommendedBase } from './recommendedBase';
import { reportFileName } from './reportFileName';
import { shortDigest } from './shortDigest';
import { sizeWords } from './sizeWords';
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

describe('driftLine', () => {
  const now = new Date('2026-01-11T00:00:00Z');
  const build = (day: number, base: string | null) =>
    historyEntry({
      at: `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`,
      base,
    });

  it('goes from base to base, the newest above', () => {
    const { lanes, steps, points } = driftLine(
      [
        build(6, 'r/a:3.10'),
        build(3, 'r/a:3.9'),
        build(2, 'r/a:3.9'),
        build(1, null),
      ],
      'r/a:3.11',
      now,
    );
    expect(lanes).toEqual([
      { base: 'r/a:3.11', isNewest: true },
      { base: 'r/a:3.10', isNewest: false },
      { base: 'r/a:3.9', isNewest: false },
      { base: null, isNewest: false },
    ]);
    expect(steps).toEqual([
      { lane: 3, from: 0, to: 0.1 },
      { lane: 2, from: 0.1, to: 0.5 },
      { lane: 1, from: 0.5, to: 1 },
    ]);
    expect(points.map(({ lane, at }) => [lane, at])).toEqual([
      [3, 0],
      [2, 0.1],
      [2, 0.2],
      [1, 0.5],
    ]);
  });

  it('comes back to a lane', () => {
    const { lanes, steps } = driftLine(
      [build(6, 'r/a:1'), build(3, 'r/a:2'), build(1, 'r/a:1')],
      null,
      now,
    );
    expect(lanes.map(({ base }) => base)).toEqual(['r/a:2', 'r/a:1']);
    expect(steps.map(({ lane }) => lane)).toEqual([1, 0, 1]);
  });

  it('puts the image changed to last above the one before', () => {
    const { lanes } = driftLine(
      [build(6, 'r/alpine:3'), build(1, 'r/debian:13')],
      'r/alpine:4',
      now,
    );
    expect(lanes.map(({ base }) => base)).toEqual([
      'r/alpine:4',
      'r/alpine:3',
      'r/debian:13',
    ]);
  });

  it('begins and ends where it was built just now', () => {
    const { steps } = driftLine([build(11, 'r/a:1')], 'r/a:1', now);
    expect(steps).toEqual([{ lane: 0, from: 0, to: 1 }]);
  });
});

describe('words', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [2048, '2.0 KiB'],
    [22_528, '22 KiB'],
    [3_565_158, '3.4 MiB'],
    [5e15, '4547 TiB'],
  ])('%d bytes', (bytes, text) => {
    expect(sizeWords(bytes)).toBe(text);
  });

  it.each([
    [`sha256:${'a'.repeat(64)}`, 'a'.repeat(12)],
    ['b'.repeat(40), 'b'.repeat(12)],
    ['3.24.1', '3.24.1'],
    ['linux/amd64', 'linux/amd64'],
  ])('shortDigest %s', (text, short) => {
    expect(shortDigest(text)).toBe(short);
  });

  it('names a file', () => {
    const now = new Date('2026-11-23T23:00:00Z');
    expect(reportFileName('bases', 'text/markdown', now)).toBe(
      'imglife-bases-2026-11-23.md',
    );
  });

  it.each([
    ['reg:5000/a/b:1.0', 'reg:5000/a/b'],
    ['reg:5000/a/b', 'reg:5000/a/b'],
  ])('untagged %s', (reference, repository) => {
    expect(untagged(reference)).toBe(repository);
  });
});
