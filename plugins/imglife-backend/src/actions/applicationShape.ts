import type {
  ApplicationRow,
  Page,
} from '@imglife/backstage-plugin-imglife-common';
import type { z } from 'zod/v3';

/** How many applications an action lists, and from where. */
export const pageInput = (zod: typeof z) => ({
  limit: zod
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('How many at most. Defaults to 20.'),
  cursor: zod
    .string()
    .optional()
    .describe('The nextCursor of the answer before, for the next page'),
});

/** A page of applications, each shortened to what is acted upon. */
export const applicationPageShape = (zod: typeof z) =>
  zod.object({
    applications: zod.array(
      zod.object({
        reference: zod.string(),
        base: zod.string().nullable().describe('What it is built on'),
        cycle: zod.string().nullable(),
        freshness: zod.string(),
        latest: zod.string().nullable(),
        latestInCycle: zod.string().nullable(),
        outdatedSince: zod.string().nullable(),
        support: zod.string(),
        eolDate: zod.string().nullable(),
        status: zod.string(),
        entityRef: zod.string().nullable(),
        owner: zod.string().nullable(),
        project: zod.string().nullable(),
      }),
    ),
    totalItems: zod
      .number()
      .describe('How many there are in all; counted to 10,000'),
    totalIsLowerBound: zod.boolean().optional(),
    nextCursor: zod.string().optional(),
  });

/** A page in {@link applicationPageShape}. */
export function shortPage(page: Page<ApplicationRow>) {
  return {
    applications: page.items.map(row => ({
      reference: row.reference,
      base: row.base?.reference ?? null,
      cycle: row.cycle,
      freshness: row.freshness,
      latest: row.latest,
      latestInCycle: row.latestInCycle,
      outdatedSince: row.outdatedSince,
      support: row.support,
      eolDate: row.eolDate,
      status: row.status,
      entityRef: row.entityRef,
      owner: row.owner,
      project: row.project,
    })),
    totalItems: page.totalItems,
    ...(page.totalIsLowerBound && { totalIsLowerBound: true }),
    ...(page.pageInfo.nextCursor && { nextCursor: page.pageInfo.nextCursor }),
  };
}

/** As many as an action lists where it is not told. */
export const DEFAULT_LIMIT = 20;
