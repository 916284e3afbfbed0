import { canonicalRepository } from '../definitions/canonicalRepository';
import { canonicalPattern } from './canonicalPattern';

const registries = [
  { host: 'reg.test', aliases: ['cache.test/proxy', 'old.test:5000'] },
];

describe('canonicalPattern', () => {
  it.each([
    ['reg.test/apps/shop', 'reg.test/apps/shop'],
    ['REG.test/apps/shop', 'reg.test/apps/shop'],
    ['reg.test/apps/shop:1.0', 'reg.test/apps/shop'],
    ['old.test:5000/apps/shop', 'reg.test/apps/shop'],
    ['cache.test/proxy/apps/shop', 'reg.test/apps/shop'],
    ['team/shop', 'docker.io/team/shop'],
    ['Old.test:5000/apps/*', 'reg.test/apps/*'],
    ['cache.test/proxy/*/shop', 'reg.test/*/shop'],
    ['cache.test/other/*', 'cache.test/other/*'],
    ['reg.test/apps/shop:*', 'reg.test/apps/shop'],
    ['old.test:5000/apps/*:1.0', 'reg.test/apps/*'],
    ['reg.test/apps/*@sha256:*', 'reg.test/apps/*'],
    ['*/shop', '*/shop'],
    ['*', '*'],
    ['no reference', 'no reference'],
  ])('%s: %s', (pattern, expected) => {
    expect(
      canonicalPattern(pattern, name => canonicalRepository(name, registries)),
    ).toBe(expected);
  });
});
