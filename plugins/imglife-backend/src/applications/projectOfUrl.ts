/**
 * The project path of a place in source control, as GitLab, GitHub, Gitea and
 * Bitbucket write it: `team/service` of
 * `https://host/team/service/-/tree/main/`, `https://host/team/service.git`
 * or `git@host:team/service.git`. Undefined for anything else.
 */
export function projectOfUrl(location: string | undefined): string | undefined {
  const url = location?.trim().replace(/^url:/, '') ?? '';
  const path =
    /^(?:https?|ssh):/.test(url) && URL.canParse(url)
      ? new URL(url).pathname
      : /^[\w.-]+@[\w.-]+:(.+)$/.exec(url)?.[1];
  const [project] = (path ?? '')
    .replace(/^\/+|\/+$/g, '')
    .split(/\/(?:-\/)?(?:tree|blob|src)\//);
  return project.replace(/\.git$/, '') || undefined;
}
