import { ignoredPaths, pathPattern } from './contextPatterns';

describe('pathPattern', () => {
  it.each([
    ['*.conf', 'a.conf', true],
    ['*.conf', 'etc/a.conf', false],
    ['etc/?.conf', 'etc/a.conf', true],
    ['etc/?.conf', 'etc/ab.conf', false],
    ['**/a.conf', 'a.conf', true],
    ['**/a.conf', 'x/y/a.conf', true],
    ['x/**', 'x/y/z', true],
    ['a+(b)', 'a+(b)', true],
    ['[a-c]x[^0-9]', 'bxy', true],
    ['[a-c]x[^0-9]', 'bx1', false],
    ['a[^b]c', 'a/c', false],
    ['\\*\\[', '*[', true],
    ['\\*', 'a', false],
    [`${'*a'.repeat(40)}b`, 'a'.repeat(200), false],
  ])('%s %s', (pattern, path, matches) => {
    expect(pathPattern(pattern).test(path)).toBe(matches);
  });
});

it('refuses what is no pattern', () => {
  expect(() => pathPattern('[b-a]')).toThrow('"[b-a]" is no pattern of paths');
});

describe('ignoredPaths', () => {
  const ignored = ignoredPaths(
    '\uFEFF# secrets\n*.key\n/build/\n!keep.key\nlogs/**\r\n!logs/README\n\n./tmp\n**/*.md\n!doc/*.md\n!**/keep.md',
  );
  it.each([
    ['a.key', true],
    ['keep.key', false],
    ['sub/a.key', false],
    ['build', true],
    ['build/out/x', true],
    ['logs/a/b', true],
    ['logs/README', false],
    ['tmp/x', true],
    ['src', false],
    ['a/b.md', true],
    ['doc/b.md', false],
    ['doc/x/keep.md', false],
    ['doc/x/other.md', true],
  ])('%s', (path, expected) => {
    expect(ignored(path)).toBe(expected);
  });
});
