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
  ['https://a/x', '/y?z', false, 'https://a/y?z'],
  ['https://a/x', 'https://b/y', false, 'https://b/y'],
  ['http://a/x', 'http://b/y', true, 'http://b/y'],
  ['https://a/x', 'http://a/y', false, 'from https to plain http at a'],
  ['https://a/x', 'file:///etc/passwd', false, 'a file: URL'],
  ['https://a/x', 'http://[', false, 'no URL'],
])('from %s to %s (insecure: %s): %s', (from, location, insecure, expected) => {
  const hop = nextHop(new URL(from), location, { insecure });
  expect(String(hop)).toContain(expected);
});
