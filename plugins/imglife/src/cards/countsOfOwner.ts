import {
  type ImglifeApi,
  statusValues,
  type Tier,
  type TierCounts,
} from '@imglife/backstage-plugin-imglife-common';

/** The tiers whose images have an owner. */
export type OwnedTier = Exclude<Tier, 'mirrors'>;

/**
 * How many images of each status an owner has, as the tables count them.
 *
 * @param owner - an entity reference
 */
export async function countsOfOwner(
  api: ImglifeApi,
  owner: string,
): Promise<Record<OwnedTier, TierCounts>> {
  const [applications, bases] = await Promise.all([
    countsOf(status => api.listApplications({ owner, status, limit: 1 })),
    countsOf(status => api.listBases({ owner, status, limit: 1 })),
  ]);
  return { applications, bases };
}

async function countsOf(
  read: (
    status: (typeof statusValues)[number],
  ) => Promise<{ totalItems: number }>,
): Promise<TierCounts> {
  const counts: TierCounts = {
    total: 0,
    critical: 0,
    warning: 0,
    unknown: 0,
    ok: 0,
  };
  await Promise.all(
    statusValues.map(async status => {
      const { totalItems } = await read(status);
      counts[status] = totalItems;
      counts.total += totalItems;
    }),
  );
  return counts;
}
