const LINK = /<([^<>]*)>([^<]*)/g;
const NEXT =
  /;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\s*(?:[;,]|$))/i;

/**
 * Path and query of the next page by a `Link` header (RFC 8288), or undefined
 * on the last page. Only path and query are taken of an absolute link: the
 * next page is asked of the same registry, whatever name it thinks it has, so
 * that credentials go nowhere else.
 *
 * @param current - path and query of the page that carried the header.
 */
export function parseNextLink(
  header: string | string[] | undefined,
  current: string,
): string | undefined {
  for (const text of [header ?? []].flat()) {
    for (const [, target, parameters] of text.matchAll(LINK)) {
      if (NEXT.test(parameters)) {
        const base = new URL(current, 'http://registry.invalid');
        const url = URL.canParse(target, base)
          ? new URL(target, base)
          : undefined;
        return url && `${url.pathname}${url.search}`;
      }
    }
  }
  return undefined;
}
