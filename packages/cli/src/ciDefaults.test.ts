import { ciDefaults, CiFacts } from './ciDefaults';

const gitlab = {
  GITLAB_CI: 'true',
  CI_COMMIT_SHA: 'a3f8b1c',
  CI_PROJECT_PATH: 'group/sub/shop',
  CI_JOB_URL: 'https://gitlab.example.com/group/sub/shop/-/jobs/7',
};
const github = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SHA: 'b4f8b1c',
  GITHUB_REPOSITORY: 'team/shop',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_RUN_ID: '12',
};
const jenkins = {
  JENKINS_URL: 'https://jenkins.example.com/',
  GIT_COMMIT: 'c5f8b1c',
  GIT_URL: 'https://git.example.com/team/shop.git',
  BUILD_URL: 'https://jenkins.example.com/job/shop/3/',
};

it.each<[string, Record<string, string>, CiFacts]>([
  [
    'GitLab CI',
    gitlab,
    {
      revision: 'a3f8b1c',
      project: 'group/sub/shop',
      jobUrl: 'https://gitlab.example.com/group/sub/shop/-/jobs/7',
    },
  ],
  [
    'GitHub Actions',
    github,
    {
      revision: 'b4f8b1c',
      project: 'team/shop',
      jobUrl: 'https://github.com/team/shop/actions/runs/12',
    },
  ],
  [
    'Jenkins',
    jenkins,
    {
      revision: 'c5f8b1c',
      project: 'team/shop',
      jobUrl: 'https://jenkins.example.com/job/shop/3/',
    },
  ],
  [
    'Jenkins with a remote over SSH',
    { JENKINS_URL: 'x', GIT_URL: 'git@git.example.com:team/shop.git' },
    { project: 'team/shop' },
  ],
  [
    'Jenkins with an SSH URL',
    { JENKINS_URL: 'x', GIT_URL: 'ssh://git@git.example.com:22/team/shop' },
    { project: 'team/shop' },
  ],
  [
    'GitLab CI before the others',
    { ...jenkins, ...github, ...gitlab },
    ciDefaults(gitlab),
  ],
  ['what is set, and no more', { GITHUB_ACTIONS: 'true', GITHUB_SHA: '' }, {}],
  ['none of them', { GIT_COMMIT: 'a', CI_COMMIT_SHA: 'b' }, {}],
])('reads %s', (_title, env, expected) => {
  expect(ciDefaults(env)).toEqual(expected);
});
