import type { Page, TierQuery } from '@imglife/backstage-plugin-imglife-common';

const PAGE = 500;

/** The rows of all pages. */
export async function listAll<T>(
  list: (query: TierQuery) => Promise<Page<T>>,
  filters: TierQuery,
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({
      ...filters,
      limit: PAGE,
      ...(cursor && { cursor }),
    });
    rows.push(...page.items);
    cursor = page.pageInfo.nextCursor;
  } while (cursor);
  return rows;
}
