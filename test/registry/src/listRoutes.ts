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
  { capabilities: { links, pageSize }, url }: RouteContext,
  { path, query }: Exchange,
  all: string[],
): Page {
  if (links === 'none') {
    return { names: [...all].sort(compareNames), headers: {} };
  }
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
  const origin = links === 'absolute' ? url : '';
  return {
    names,
    headers: { link: `<${origin}${path}?${next}>; rel="next"` },
  };
}

/** GET `/v2/<name>/tags/list`. */
export async function tagsRoute(
  context: RouteContext,
  exchange: Exchange,
  repository: string,
): Promise<void> {
  if (exchange.method !== 'GET') {
    throw methodNotAllowed(exchange);
  }
  const tags = await context.storage.listTags(repository);
  if (!tags) {
    throw new DistributionError(
      404,
      'NAME_UNKNOWN',
      'repository is not known',
      { detail: { name: repository } },
    );
  }
  const { names, headers } = cutPage(context, exchange, tags);
  await sendJson(exchange, 200, { name: repository, tags: names }, headers);
}

/** GET `/v2/_catalog`: Docker's list of repositories, which the OCI specification leaves out. */
export async function catalogRoute(
  context: RouteContext,
  exchange: Exchange,
): Promise<void> {
  if (exchange.method !== 'GET') {
    throw methodNotAllowed(exchange);
  }
  const all = await context.storage.listRepositories();
  const { names, headers } = cutPage(context, exchange, all);
  await sendJson(exchange, 200, { repositories: names }, headers);
}

/** GET `/v2/<name>/referrers/<digest>` (distribution-spec, "Listing referrers"): 404 only where the API is switched off. */
export async function referrersRoute(
  { storage, capabilities }: RouteContext,
  exchange: Exchange,
  repository: string,
  subject: string,
): Promise<void> {
  if (exchange.method !== 'GET') {
    throw methodNotAllowed(exchange);
  }
  if (!capabilities.referrers) {
    throw new DistributionError(
      404,
      'UNSUPPORTED',
      'this registry has no referrers API',
    );
  }
  const all = await storage.listReferrers(repository, requireDigest(subject));
  const wanted = exchange.query.get('artifactType');
  const manifests = all
    .filter(({ artifactType }) => !wanted || artifactType === wanted)
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  await sendJson(
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
