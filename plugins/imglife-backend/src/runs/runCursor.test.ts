import { InputError } from '@backstage/errors';
import { formatRunCursor, parseRunCursor } from './runCursor';

const AT = '2026-11-23T10:00:00.000Z';

it('comes back as it was given', () => {
  expect(parseRunCursor(formatRunCursor(AT, 'a-b'))).toEqual([AT, 'a-b']);
});

it.each([
  '',
  'rubbish',
  ...[
    {},
    [],
    [AT],
    [AT, 7],
    [AT, 'a', 'b'],
    [`${AT}\u0000`, 'a'],
    [AT, '\ud800'],
  ].map(value => Buffer.from(JSON.stringify(value)).toString('base64url')),
])('refuses %s', cursor => {
  expect(() => parseRunCursor(cursor)).toThrow(InputError);
});
