/** What a pipeline says of itself. */
export interface CiFacts {
  revision?: string;
  project?: string;
  jobUrl?: string;
}

/**
 * Revision, project and job URL from the predefined variables of GitLab CI,
 * GitHub Actions and Jenkins, in this order.
 */
export function ciDefaults(env: Record<string, string | undefined>): CiFacts {
  if (env.GITLAB_CI) {
    return present({
      revision: env.CI_COMMIT_SHA,
      project: env.CI_PROJECT_PATH,
      jobUrl: env.CI_JOB_URL,
    });
  }
  if (env.GITHUB_ACTIONS) {
    const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = env;
    return present({
      revision: env.GITHUB_SHA,
      project: GITHUB_REPOSITORY,
      jobUrl:
        GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_RUN_ID
          ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
          : undefined,
    });
  }
  if (env.JENKINS_URL) {
    return present({
      revision: env.GIT_COMMIT,
      project: projectOfUrl(env.GIT_URL),
      jobUrl: env.BUILD_URL,
    });
  }
  return {};
}

function present(facts: CiFacts): CiFacts {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value),
  ) as CiFacts;
}

/** `team/service` of `https://host/team/service.git` and `git@host:team/service.git`. */
function projectOfUrl(url: string | undefined): string | undefined {
  const path = url?.match(/^(?:[a-z+]+:\/\/[^/]+\/|[^/@]+@[^:]+:)(.+)$/)?.[1];
  return path?.replace(/\.git$/, '').replace(/\/$/, '');
}
