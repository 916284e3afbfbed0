import type { ApplicationRow } from '@imglife/backstage-plugin-imglife-common';

/** An owner, `null` for none, and how many applications are theirs. */
export interface AffectedOwner {
  owner: string | null;
  count: number;
}

/** The owners of applications, most applications first, those without one last. */
export function affectedOwners(
  rows: Pick<ApplicationRow, 'owner'>[],
): AffectedOwner[] {
  const counts = new Map<string | null, number>();
  for (const { owner } of rows) {
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return [...counts]
    .map(([owner, count]) => ({ owner, count }))
    .sort(
      (a, b) =>
        Number(a.owner === null) - Number(b.owner === null) ||
        b.count - a.count ||
        (a.owner! < b.owner! ? -1 : 1),
    );
}
