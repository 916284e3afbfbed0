import { nextHop } from './nextHop';
import { parseNextLink } from './parseNextLink';

it.each([
  ['</v2/a/tags/list?last=b&n=2>; rel="next"', '/v2/a/tags/list?last=b&n=2'],
  ['<?last=b>; rel=next', '/v2/a/tags/list?last=b'],
  [
    '<https://inner:8080/v2/a/tags/list?last=b>; rel="next"',
    '/v2/a/tags/list?last=b',
  ],
  ['</p>; rel="prev", </n>; title="x"; rel="start next"', '/n'],
  [['</p>; rel="prev"', '</n>; REL=Next'], '/n'],
  ['</n>; rel="nextish"', undefined],
  ['</n>; rel=nextish', undefined],
  ['</n>', undefined],
  ['<http://[bad>; rel="next"', undefined],
  [undefined, undefined],
])('the page after %j is %s', (header, expected) => {
  expect(parseNextLink(header, '/v2/a/tags/list?n=2')).toBe(expected);
});

it.each([
  ['https://a/x', '/y?z', 'https://a/y?z'],
  ['https://a/x', 'https://b/y', 'https://b/y'],
  ['http://a/x', 'http://b/y', 'http://b/y'],
  ['http://a/x', 'https://b/y', 'https://b/y'],
  ['https://a/x', 'http://a/y', 'from https to plain http at a'],
  ['https://a/x', 'file:///etc/passwd', 'a file: URL'],
  ['https://a/x', 'http://[', 'no URL'],
])('from %s to %s: %s', (from, location, expected) => {
  expect(String(nextHop(new URL(from), location))).toContain(expected);
});
