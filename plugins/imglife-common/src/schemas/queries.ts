import { z } from 'zod';
import { digestText, referenceText, text } from './primitives';
import {
  baseStates,
  freshnessValues,
  mirrorStates,
  statusValues,
  supportValues,
  tiers,
} from './values';

/** What a tier table may be sorted by. @public */
export const orderFields = [
  'reference',
  'version',
  'eolDate',
  'status',
  'builtAt',
  'pulledAt',
] as const;

/** What a tier table may be sorted by. @public */
export type OrderField = (typeof orderFields)[number];

/**
 * Filters, order and page of `GET /v1/{mirrors,bases,applications}`. Filters
 * are combined with AND. `search` is a part of the reference, `reference` the
 * whole of it with its tag. `state` is one of the tier's own. `used` asks for
 * bases that some application stands on, or none; `owned` for applications that
 * have an owner, or none. `limit` is 1 to 500, default 50.
 *
 * @public
 */
export const tierQuerySchema = z.strictObject({
  search: text(200).min(3, 'needs at least 3 characters').optional(),
  reference: referenceText.optional(),
  status: z.enum(statusValues).optional(),
  freshness: z.enum(freshnessValues).optional(),
  support: z.enum(supportValues).optional(),
  product: text(200).optional(),
  cycle: text(200).optional(),
  owner: text(300).optional(),
  entityRef: text(300).optional(),
  base: text(512).optional(),
  project: text(300).optional(),
  state: z.enum([...new Set([...mirrorStates, ...baseStates])]).optional(),
  used: z.boolean().optional(),
  owned: z.boolean().optional(),
  all: z.boolean().optional(),
  orderBy: z.enum(orderFields).optional(),
  order: z.enum(['asc', 'desc']).optional(),
  limit: z.number().int().min(1).max(500).optional(),
  cursor: text(2000).optional(),
});

/** Filters, order and page of a tier table. @public */
export type TierQuery = z.infer<typeof tierQuerySchema>;

/**
 * Query of `GET /v1/report`: a tier and the filters and order of its table.
 * Without `tier` a report has every tier that has the filters given.
 *
 * @public
 */
export const reportQuerySchema = tierQuerySchema
  .omit({ limit: true, cursor: true })
  .extend({ tier: z.enum(tiers).optional() });

/** Query of `GET /v1/report`. @public */
export type ReportQuery = z.infer<typeof reportQuerySchema>;

/** Query of `GET /v1/check`. @public */
export const checkQuerySchema = z.strictObject({
  base: referenceText,
  digest: digestText.optional(),
  application: referenceText.optional(),
});

/** Query of `GET /v1/check`. @public */
export type CheckQuery = z.infer<typeof checkQuerySchema>;
