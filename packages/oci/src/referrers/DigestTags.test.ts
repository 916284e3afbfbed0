import { DigestTags } from './DigestTags';

const HEX = 'a1'.repeat(32);
const IMAGE = `sha256:${HEX}`;
const LONG = `sha512:${'b2'.repeat(64)}`;

const tags = DigestTags.among([
  'latest',
  '3.21.3',
  'sha256-short',
  `sha256-${HEX}`,
  `sha256-${HEX}.sig`,
  `sha256-${HEX}.att`,
  `sha256-${'c3'.repeat(32)}.sbom`,
  `sha512-${'b2'.repeat(32)}`,
  `sha512-${'b2'.repeat(64)}.sig`,
]);

it('finds what belongs to an image', () => {
  expect(tags.of(IMAGE)).toEqual([`sha256-${HEX}.sig`, `sha256-${HEX}.att`]);
  expect(tags.hasIndexOf(IMAGE)).toBe(true);
});

it('knows that indexes of long digests are cut, and other tags are not', () => {
  expect(tags.hasIndexOf(LONG)).toBe(true);
  expect(tags.of(LONG)).toEqual([`sha512-${'b2'.repeat(64)}.sig`]);
});

it('has nothing of other images', () => {
  const other = `sha256:${'d4'.repeat(32)}`;
  expect(tags.of(other)).toEqual([]);
  expect(tags.hasIndexOf(other)).toBe(false);
  expect(tags.hasIndexOf(`sha256:${'c3'.repeat(32)}`)).toBe(false);
});

it.each<[string, string[], boolean]>([
  ['ordinary tags', ['latest', '1.2.3-abcdef0', 'sha256-short'], true],
  ['an index', [`sha256-${HEX}`], false],
  ['a signature', [`sha256-${HEX}.sig`], false],
])('says whether there is any among %s', (_, all, expected) => {
  expect(DigestTags.among(all).isEmpty).toBe(expected);
});
