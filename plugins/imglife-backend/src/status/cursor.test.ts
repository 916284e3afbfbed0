import { InputError } from '@backstage/errors';
import { formatCursor, parseCursor } from './cursor';

const order = { orderBy: 'eolDate', order: 'desc' } as const;
const cursor = {
  ...order,
  backward: true,
  value: '2026-11-01',
  repository: 'reg.test/apps/ümlaut',
  tag: '1.0.0',
};

describe('cursor', () => {
  it.each([
    cursor,
    { ...cursor, value: null, backward: false },
    { ...cursor, orderBy: 'status' as const, value: 3 },
    { ...cursor, verdict: 7 },
  ])('comes back as it was given: %j', given => {
    const byVerdict = 'verdict' in given;
    expect(parseCursor(formatCursor(given), given, byVerdict)).toEqual(given);
  });

  const encode = (value: unknown) =>
    Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each([
    ['', 'nothing'],
    ['rubbish', 'no JSON'],
    [encode({}), 'no list'],
    [encode(['eolDate', 'desc', 0, null, 'r']), 'too short'],
    [encode(['eolDate', 'asc', 0, null, 'r', 't']), 'another direction'],
    [encode(['status', 'desc', 0, null, 'r', 't']), 'another order'],
    [encode(['eolDate', 'desc', 2, null, 'r', 't']), 'no direction'],
    [encode(['eolDate', 'desc', 0, { a: 1 }, 'r', 't']), 'an object as value'],
    [encode(['eolDate', 'desc', 0, null, 7, 't']), 'a number as name'],
    [encode(['eolDate', 'desc', 0, null, 'r', 't', 7]), 'a verdict too many'],
    [encode(['eolDate', 'desc', 0, 5, 'r', 't']), 'a number as date'],
    [encode(['eolDate', 'desc', 0, 'a\u0000', 'r', 't']), 'NUL in a value'],
    [encode(['eolDate', 'desc', 0, null, 'r\u0000', 't']), 'NUL in a name'],
    [encode(['eolDate', 'desc', 0, null, 'r', '\ud800']), 'half a character'],
  ])('refuses %s: %s', text => {
    expect(() => parseCursor(text, order)).toThrow(InputError);
  });

  // each an error of PostgreSQL, were it asked
  it.each([
    ['abc', 1],
    [1e300, 1],
    [1.5, 1],
    [2 ** 31, 1],
    [1, undefined],
    [1, 'abc'],
    [1, 2 ** 31],
    [1, -1],
  ])('refuses the rank %s with the verdict %s', (value, verdict) => {
    const text = encode(['status', 'desc', 0, value, 'r', 't', verdict]);
    const byStatus = { orderBy: 'status', order: 'desc' } as const;
    expect(() => parseCursor(text, byStatus, true)).toThrow(InputError);
  });
});
