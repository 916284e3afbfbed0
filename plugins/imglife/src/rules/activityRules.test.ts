import { DateTime } from 'luxon';
import { runQueryOf, transitionQueryOf } from './activityQuery';
import { durationText } from './durationText';
import { sizeText } from './sizeText';

it('takes the query of runs from the URL, and leaves out what is wrong', () => {
  expect(
    runQueryOf({
      kind: 'sync',
      state: 'moved',
      target: 'alpine',
      failing: 'true',
      cursor: 'c',
      limit: '50',
      run: 'x',
      base: 'alpine',
    }),
  ).toEqual({
    kind: 'sync',
    target: 'alpine',
    failing: true,
    cursor: 'c',
    limit: 50,
  });
  expect(runQueryOf({ limit: '9999', failing: 'maybe' })).toEqual({
    limit: 20,
  });
});

it('takes the query of changes from the URL', () => {
  expect(transitionQueryOf({ base: 'r/b:1', kind: 'sync' })).toEqual({
    base: 'r/b:1',
    limit: 20,
  });
});

it.each([
  ['2026-11-29T10:00:00.000Z', '0 sec'],
  ['2026-11-29T09:58:48.000Z', '1 min, 12 sec'],
  ['2026-11-29T07:00:00.000Z', '3 hr'],
  ['2026-11-29T11:00:00.000Z', '0 sec'],
])('from %s it took %s', (from, text) => {
  const to = DateTime.fromISO('2026-11-29T10:00:00.000Z');
  expect(durationText(from, to)).toBe(text);
});

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [12_540, '12.5 kB'],
  [3_000_000_000, '3 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
