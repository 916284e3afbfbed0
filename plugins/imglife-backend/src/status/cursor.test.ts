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
    { ...cursor, value: 3 },
  ])('comes back as it was given: %j', given => {
    expect(parseCursor(formatCursor(given), order)).toEqual(given);
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
  ])('refuses %s: %s', text => {
    expect(() => parseCursor(text, order)).toThrow(InputError);
  });
});
