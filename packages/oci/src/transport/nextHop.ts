/**
 * Where a redirect or an upload's `Location` leads, or what is wrong with it.
 * From https it never leads to http. Whether its host may be contacted is
 * checked when it is.
 *
 * @param location - the `Location` header, absolute or relative.
 */
export function nextHop(from: URL, location: string): URL | string {
  if (!URL.canParse(location, from)) {
    return 'it redirects to something that is no URL';
  }
  const url = new URL(location, from);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `it redirects to a ${url.protocol} URL`;
  }
  if (url.protocol === 'http:' && from.protocol === 'https:') {
    return `it leads from https to plain http at ${url.host}; have the registry give https addresses`;
  }
  return url;
}
