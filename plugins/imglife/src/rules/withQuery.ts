/**
 * A path with a query of what is known: a link to a filtered table.
 *
 * @param path - undefined where the page is not installed
 * @returns undefined without a path: there is nowhere to go then
 */
export function withQuery(
  path: string | undefined,
  query: Readonly<Record<string, string | boolean | null | undefined>>,
): string | undefined {
  const known = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  );
  const search = new URLSearchParams(known).toString();
  return path && (search ? `${path}?${search}` : path);
}
