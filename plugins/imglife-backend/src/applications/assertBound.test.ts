import {
  assertBound,
  assertMayForget,
  assertMayName,
  isBound,
} from './assertBound';

const GITHUB = 'external:github:repo:{{ project }}:*';
const GITLAB = 'external:gitlab:project_path:{{ project }}:ref_type:branch:*';
const main = 'ref:refs/heads/main';

describe('isBound', () => {
  it.each<[string, string, string | undefined, boolean]>([
    [GITHUB, `external:github:repo:team/shop:${main}`, 'team/shop', true],
    [GITHUB, 'external:github:repo:team/shop:pull_request', 'team/shop', true],
    [GITHUB, `external:github:repo:evil/x:${main}`, 'team/shop', false],
    [GITHUB, `external:github:repo:team/shop2:${main}`, 'team/shop', false],
    [GITHUB, `external:github:repo:team/shop:${main}`, 'team/shop2', false],
    [GITHUB, `external:github:repo:team/shop:${main}`, 'team', false],
    [GITHUB, `external:github:repo:team/shop:${main}`, 'TEAM/SHOP', false],
    [GITHUB, `external:github:repo:team/shop:${main}`, undefined, false],
    // the name of the project in a branch or environment of another one
    [
      GITHUB,
      `external:github:repo:evil/x:repo:team/shop:${main}`,
      'team/shop',
      false,
    ],
    [
      GITHUB,
      'external:github:repo:evil/x:environment:team/shop:',
      'team/shop',
      false,
    ],
    // no project is no empty one
    [GITHUB, 'external:github:repo::main', undefined, false],
    // what means something in a pattern means nothing in a project
    [GITHUB, `external:github:repo:team/shop:${main}`, '*', false],
    [GITHUB, `external:github:repo:team/shop:${main}`, 'team/*', false],
    [GITHUB, `external:github:repo:team/shop:${main}`, '*/shop', false],
    [GITHUB, `external:github:repo:team/shop:${main}`, 'team/sho?', false],
    [GITHUB, `external:github:repo:team/shop:${main}`, '.*', false],
    [GITHUB, `external:github:repo:team/shop:${main}`, '{{ project }}', false],
    [GITHUB, `external:github:repo:team/shop:${main}`, '$&', false],
    [GITHUB, `external:github:repo:a*b:${main}`, 'a*b', true],
    // another issuer, another kind of caller
    [GITHUB, `external:gitlab:repo:team/shop:${main}`, 'team/shop', false],
    [GITHUB, `user:default/repo:team/shop:${main}`, 'team/shop', false],
    [GITHUB, `x-external:github:repo:team/shop:${main}`, 'team/shop', false],
    [
      GITLAB,
      'external:gitlab:project_path:team/sub/shop:ref_type:branch:ref:main',
      'team/sub/shop',
      true,
    ],
    [
      GITLAB,
      'external:gitlab:project_path:team/shop:ref_type:tag:ref:v1',
      'team/shop',
      false,
    ],
    ['external:ci', 'external:ci', 'team/shop', true],
    ['external:ci', 'external:ci', undefined, true],
    ['external:ci', 'external:ci2', undefined, false],
    ['user:default/*', 'user:default/ada', 'team/shop', true],
    ['{{ project }}', 'external:ci', 'external:ci', true],
  ])('%s, %s, %s: %s', (pattern, subject, project, expected) => {
    expect(isBound(pattern, subject, project)).toBe(expected);
  });
});

describe('assertBound', () => {
  const subject = `external:github:repo:team/shop:${main}`;

  it('lets everyone pass without a list', () => {
    expect(() => assertBound([], subject, 'another')).not.toThrow();
  });

  it('lets pass whom one of several patterns names', () => {
    expect(() =>
      assertBound([GITLAB, GITHUB], subject, 'team/shop'),
    ).not.toThrow();
  });

  it.each([
    ['team/pay', `project: ${subject} may not register for team/pay`],
    [undefined, 'project: not given'],
  ])('refuses for %s', (project, message) => {
    expect(() => assertBound([GITLAB, GITHUB], subject, project)).toThrow(
      expect.objectContaining({
        name: 'NotAllowedError',
        message: expect.stringContaining(message),
      }),
    );
  });
});

describe('assertMayName', () => {
  const subject = `external:github:repo:team/shop:${main}`;
  const repository = 'reg.test/apps/shop';

  it.each<[string[], string | undefined]>([
    [[GITHUB], 'team/shop'],
    [[GITHUB], undefined],
    [[], 'another'],
    [[GITHUB, 'external:github:repo:team/*'], 'another'],
  ])('of %j, %s passes', (patterns, project) => {
    expect(() =>
      assertMayName(patterns, subject, { repository, project }),
    ).not.toThrow();
  });

  it('refuses an image of another project', () => {
    expect(() =>
      assertMayName([GITHUB], subject, { repository, project: 'team/pay' }),
    ).toThrow(
      expect.objectContaining({
        name: 'NotAllowedError',
        message: `image: ${repository} is of the project team/pay, and ${subject} may not register for that; who may register for both can move it`,
      }),
    );
  });
});

describe('assertMayForget', () => {
  const subject = `external:github:repo:team/shop:${main}`;

  it('lets pass those of the project, and everyone without a list', () => {
    expect(() => assertMayForget([], subject, 'another')).not.toThrow();
    expect(() => assertMayForget([GITHUB], subject, 'team/shop')).not.toThrow();
  });

  it.each([
    ['team/pay', 'image: it is of the project team/pay'],
    [undefined, 'image: it is of no project'],
  ])('refuses for %s', (project, message) => {
    expect(() => assertMayForget([GITHUB], subject, project)).toThrow(
      expect.objectContaining({
        name: 'NotAllowedError',
        message: expect.stringContaining(message),
      }),
    );
  });
});
