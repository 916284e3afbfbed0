import { requireDigest } from './blobRoutes';
import { DistributionError } from './DistributionError';
import { Exchange, methodNotAllowed, RouteContext, sendJson } from './exchange';
import { compareNames } from './grammar';

/** One page of names, and the Link header when there are more. */
interface Page {
  names: string[];
  headers: Record<string, string>;
}

/**
 * Cuts the page that `n` and `last` ask for (distribution-spec, "Listing
 * tags"); no page is longer than the registry's own page size.
 */
function cutPage(
  { path, query }: Exchange,
  all: string[],
  pageSize: number,
): Page {
  const n = query.get('n');
  if (n !== null && !/^\d{1,9}$/.test(n)) {
    throw new DistributionError(400, 'UNSUPPORTED', 'n is not a number', {
      detail: n,
    });
  }
  const limit = Math.min(n === null ? pageSize : Number(n), pageSize);
  const last = query.get('last');
  const rest = [...all]
    .sort(compareNames)
    .filter(name => last === null || compareNames(name, last) > 0);
  const names = rest.slice(0, limit);
  if (names.length === 0 || names.length === rest.length) {
    return { names, headers: {} };
  }
  const next = new URLSearchParams({
    n: String(limit),
    last: names[names.length - 1],
  });
  return { names, headers: { link: `<${path}?${next}>; rel="next"` } };
}

/** GET `/v2/<name>/tags/list`. */
export async function tagsRoute(
  { storage, pageSize }: RouteContext,
  exchange: Exchange,
  repository: string,
): Promise<void> {
  if (exchange.method !== 'GET') {
    throw methodNotAllowed(exchange);
  }
  const tags = await storage.listTags(repository);
  if (!tags) {
    throw new DistributionError(
      404,
      'NAME_UNKNOWN',
      'repository is not known',
      { detail: { name: repository } },
    );
  }
  const { names, headers } = cutPage(exchange, tags, pageSize);
  sendJson(exchange, 200, { name: repository, tags: names }, headers);
}

/** GET `/v2/_catalog`: Docker's list of repositories, which the OCI specification leaves out. */
export async function catalogRoute(
  { storage, pageSize }: RouteContext,
  exchange: Exchange,
): Promise<void> {
  if (exchange.method !== 'GET') {
    throw methodNotAllowed(exchange);
  }
  const all = await storage.listRepositories();
  const { names, headers } = cutPage(exchange, all, pageSize);
  sendJson(exchange, 200, { repositories: names }, headers);
}

/** GET `/v2/<name>/referrers/<digest>` (distribution-spec, "Listing referrers"): never 404. */
export async function referrersRoute(
  { storage }: RouteContext,
  exchange: Exchange,
  repository: string,
  subject: string,
): Promise<void> {
  if (exchange.method !== 'GET') {
    throw methodNotAllowed(exchange);
  }
  const all = await storage.listReferrers(repository, requireDigest(subject));
  const wanted = exchange.query.get('artifactType');
  const manifests = all
    .filter(({ artifactType }) => !wanted || artifactType === wanted)
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  sendJson(
    exchange,
    200,
    {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests,
    },
    {
      'content-type': 'application/vnd.oci.image.index.v1+json',
      ...(wanted && { 'oci-filters-applied': 'artifactType' }),
    },
  );
}
