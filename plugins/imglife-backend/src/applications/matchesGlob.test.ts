import { matchesGlob } from './matchesGlob';

describe('matchesGlob', () => {
  it.each([
    ['reg.test/apps/shop', 'reg.test/apps/shop', true],
    ['reg.test/apps/shop', 'reg.test/apps/shop:1.0', true],
    ['reg.test/apps/shop', 'reg.test/apps/shop@sha256:ab', true],
    ['reg.test/apps/shop', 'reg.test/apps/shop/cart', false],
    ['reg.test/apps/shop', 'reg.test/apps/shopping', false],
    ['reg.test/apps/shop', 'other.test/reg.test/apps/shop', false],
    ['reg.test/apps/*', 'reg.test/apps/shop/cart:1.0', true],
    ['reg.test/apps/*', 'reg.test/apps/', true],
    ['reg.test/apps/*', 'reg.test/bases/alpine', false],
    ['*/shop', 'reg.test/apps/shop', true],
    ['*/shop', 'reg.test/apps/shop:1.0', false],
    ['reg.*/apps/*:1.*', 'reg.test/apps/shop:1.2', true],
    ['reg.*/apps/*:1.*', 'reg.test/apps/shop:2.1', false],
    ['*', '', true],
    ['**', 'anything', true],
    // what one star took, the next part cannot take again
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a*b*a', 'aba', true],
    ['a*b*a', 'aa', false],
    // every other character stands for itself
    ['reg.test/a?ps/*', 'reg.test/apps/shop', false],
    ['reg.test/.*', 'reg.test/apps', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  it('does not backtrack', () => {
    const text = 'a'.repeat(20_000);
    const started = process.hrtime.bigint();
    expect(matchesGlob(`${'*a'.repeat(200)}*b`, text)).toBe(false);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1000);
  });
});
