import { projectOfUrl } from './projectOfUrl';

describe('projectOfUrl', () => {
  it.each([
    ['url:https://gitlab.test/team/sub/shop/-/tree/main/', 'team/sub/shop'],
    ['url:https://github.com/team/shop/tree/main/services/a', 'team/shop'],
    ['url:https://github.com/team/shop/blob/main/catalog.yaml', 'team/shop'],
    ['url:https://gitea.test/team/shop/src/branch/main', 'team/shop'],
    ['url:https://github.com/team/shop/', 'team/shop'],
    ['https://gitlab.test/team/shop.git', 'team/shop'],
    ['https://ci:secret@gitlab.test/team/shop.git', 'team/shop'],
    ['ssh://git@gitlab.test:2222/team/shop.git', 'team/shop'],
    ['git@gitlab.test:team/shop.git', 'team/shop'],
    ['https://gitlab.test/team/tree-house', 'team/tree-house'],
    ['https://gitlab.test/', undefined],
    ['file:/srv/team/shop', undefined],
    ['url:http://[bad/team/shop', undefined],
    ['team/shop', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s: %s', (location, expected) => {
    expect(projectOfUrl(location)).toBe(expected);
  });
});
