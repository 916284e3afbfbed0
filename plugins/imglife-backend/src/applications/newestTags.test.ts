import { newestTags } from './newestTags';
import { isApplicationPath } from './scanScope';

describe('newestTags', () => {
  it.each([
    [['1.9.0', '1.10.0', '1.2.0'], 2, ['1.10.0', '1.9.0']],
    [
      ['1.0.0', '2.0.0', '1.0.0-alpine', '2.0.0-alpine'],
      3,
      ['2.0.0', '2.0.0-alpine', '1.0.0'],
    ],
    [['2.0.0-rc1', '2.0.0', '1.0.0'], 2, ['2.0.0', '2.0.0-rc1']],
    [
      ['0a1b2c3d', 'latest', 'main', 'next', '1.0.0'],
      2,
      ['1.0.0', 'latest', 'next'],
    ],
    [[`sha256-${'a'.repeat(64)}.sig`, `sha256-${'a'.repeat(64)}`], 5, []],
    [[], 5, []],
  ])('of %j, %i: %j', (tags, limit, expected) => {
    expect(newestTags(tags, limit)).toEqual(expected);
  });
});

describe('isApplicationPath', () => {
  const tiers = {
    mirrors: { registry: 'reg.test', repository: 'apps/mirrors' },
    bases: { registry: 'reg.test', repository: 'bases' },
    applications: ['reg.test/apps', 'git.test/*/prod/*', 'one.test/team/shop'],
  };

  it.each([
    ['reg.test/apps', true],
    ['reg.test/apps/shop', true],
    ['reg.test/apps/a/b/c', true],
    ['reg.test/appshop', false],
    ['reg.test/apps/mirrors/alpine', false],
    ['reg.test/bases/alpine', false],
    ['git.test/a/prod/b', true],
    ['git.test/a/test/b', false],
    ['one.test/team/shop', true],
    ['one.test/team/shops', false],
    ['else.test/apps/shop', false],
  ])('%s: %s', (repository, expected) => {
    expect(isApplicationPath(repository, tiers)).toBe(expected);
  });
});
