import { InputError } from '@backstage/errors';
import { formatRunCursor, parseRunCursor } from './runCursor';

const AT = '2026-11-23T10:00:00.000Z';

it('comes back as it was given', () => {
  for (const backward of [true, false]) {
    const cursor = { createdAt: AT, id: 'a-b', backward };
    expect(parseRunCursor(formatRunCursor(cursor))).toEqual(cursor);
  }
});

it.each([
  '',
  'rubbish',
  ...[
    {},
    [],
    [AT],
    [AT, 'a'],
    [AT, 7, 0],
    [AT, 'a', 'b'],
    [AT, 'a', 2],
    [`${AT}\u0000`, 'a', 0],
    [AT, '\ud800', 0],
  ].map(value => Buffer.from(JSON.stringify(value)).toString('base64url')),
])('refuses %s', cursor => {
  expect(() => parseRunCursor(cursor)).toThrow(InputError);
});
