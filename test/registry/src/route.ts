import { blobRoute } from './blobRoutes';
import { DistributionError } from './DistributionError';
import { Exchange, RouteContext } from './exchange';
import { isRepositoryName } from './grammar';
import { referrersRoute, tagsRoute } from './listRoutes';
import { manifestRoute } from './manifestRoutes';
import { startUploadRoute, uploadRoute } from './uploadRoutes';

type RepositoryRoute = (
  context: RouteContext,
  exchange: Exchange,
  repository: string,
  reference: string,
) => Promise<void>;

/** What a path asks for. */
export interface FoundRoute {
  repository: string;
  reference: string;
  run: RepositoryRoute;
}

const ROUTES: [RegExp, RepositoryRoute][] = [
  [/^\/v2\/(.+)\/blobs\/uploads\/?$/, startUploadRoute],
  [/^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/, uploadRoute],
  [/^\/v2\/(.+)\/blobs\/([^/]+)$/, blobRoute],
  [/^\/v2\/(.+)\/manifests\/([^/]+)$/, manifestRoute],
  [/^\/v2\/(.+)\/tags\/list$/, tagsRoute],
  [/^\/v2\/(.+)\/referrers\/([^/]+)$/, referrersRoute],
];

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Finds the route below `/v2/<name>/` (distribution-spec, "Endpoints").
 *
 * @throws DistributionError 400 NAME_INVALID, or 404 when no route has this path
 */
export function findRoute(path: string): FoundRoute {
  for (const [pattern, run] of ROUTES) {
    const match = pattern.exec(path);
    if (match) {
      const repository = match[1];
      if (!isRepositoryName(repository)) {
        throw new DistributionError(
          400,
          'NAME_INVALID',
          'a repository name has lower-case letters, digits and single separators',
          { detail: { name: repository } },
        );
      }
      return { repository, reference: decode(match[2] ?? ''), run };
    }
  }
  throw new DistributionError(404, 'UNSUPPORTED', `nothing is at ${path}`);
}

/** The action of the token specification that a method needs. */
export function actionOf(path: string, method: string): string {
  if (path.includes('/blobs/uploads/')) {
    return 'push';
  }
  const actions: Record<string, string> = {
    GET: 'pull',
    HEAD: 'pull',
    DELETE: 'delete',
  };
  return actions[method] ?? 'push';
}
