/**
 * Where a redirect leads, or what is wrong with it. From https it never leads
 * to http, unless the registry is configured as insecure.
 *
 * @param location - the `Location` header, absolute or relative.
 */
export function nextHop(
  from: URL,
  location: string,
  options: { insecure: boolean },
): URL | string {
  if (!URL.canParse(location, from)) {
    return 'it redirects to something that is no URL';
  }
  const url = new URL(location, from);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `it redirects to a ${url.protocol} URL`;
  }
  if (
    url.protocol === 'http:' &&
    from.protocol === 'https:' &&
    !options.insecure
  ) {
    return `it leads from https to plain http at ${url.host}; have the registry give https addresses`;
  }
  return url;
}
