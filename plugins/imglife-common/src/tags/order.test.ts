import fc from 'fast-check';
import { compareTags } from './compareTags';
import { parseTag } from './parseTag';
import { versionKey } from './versionKey';

const number = fc.integer({ min: 0, max: 12 });
const version = fc
  .array(number, { minLength: 3, maxLength: 5 })
  .map(parts => parts.join('.'));
const build = fc.oneof(
  fc.constant(''),
  number.map(each => `_${each}`),
  fc.tuple(number, number).map(each => `-${each.join('.')}`),
);
const prerelease = fc.oneof(
  fc.constant(''),
  fc
    .tuple(fc.constantFrom('rc', 'alpha', 'beta', 'b', 'm', 'dev'), number)
    .map(([kind, each]) => `-${kind}${each}`),
  fc.tuple(number, number).map(each => `-preview.${each.join('.')}`),
);
const suffix = fc.oneof(
  fc.constant('-slim'),
  fc.tuple(number, number).map(numbers => `-slim${numbers.join('.')}`),
);
/** Tags of one family: three version parts or more, suffix `slim`. */
const tag = fc
  .tuple(fc.constantFrom('', 'v'), version, build, prerelease, suffix)
  .map(parts => parts.join(''));

describe('the order of tags in a family', () => {
  const sign = (a: string, b: string) =>
    Math.sign(compareTags(parseTag(a), parseTag(b)));

  it('is total: antisymmetric, transitive, and of different tags never equal', () => {
    fc.assert(
      fc.property(tag, tag, tag, (a, b, c) => {
        expect(parseTag(a).family).toBe(parseTag(b).family);
        expect(sign(a, b)).toBe(-sign(b, a) + 0);
        expect(sign(a, b) === 0).toBe(a === b);
        const isChain = sign(a, b) <= 0 && sign(b, c) <= 0;
        expect(isChain && sign(a, c) > 0).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the order of the stored keys, as far as they differ', () => {
    fc.assert(
      fc.property(tag, tag, (a, b) => {
        const [left, right] = [a, b].map(each => versionKey(parseTag(each)));
        expect([0, left < right ? -1 : 1]).toContain(
          left === right ? 0 : sign(a, b),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('never fails, whatever a tag looks like', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(sign(a, b)).toBe(-sign(b, a) + 0);
      }),
    );
  });
});
