import { z } from 'zod';
import { buildChangeSchema, withdrawalSchema } from './bases';
import { dayText, instantText } from './primitives';
import {
  applicationStates,
  baseKinds,
  baseStates,
  buildReasons,
  confidences,
  detectionMethods,
  freshnessValues,
  mirrorStates,
  statusValues,
  supportValues,
} from './values';

/** One end-of-life fact that was used to judge an image. @public */
export const eolFactSchema = z.strictObject({
  product: z.string(),
  cycle: z.string(),
  eolDate: dayText.nullable(),
  dataAgeDays: z.number().int().nullable(),
});

/** One end-of-life fact that was used to judge an image. @public */
export type EolFact = z.infer<typeof eolFactSchema>;

const judged = {
  product: z.string().nullable(),
  cycle: z.string().nullable(),
  support: z.enum(supportValues),
  eolDate: dayText.nullable(),
  eol: z.array(eolFactSchema),
  status: z.enum(statusValues),
};

/** A row of the mirrors table. Sizes in bytes. @public */
export const mirrorRowSchema = z.strictObject({
  reference: z.string(),
  name: z.string().describe('of its definition: the target of its runs'),
  repository: z.string(),
  tag: z.string(),
  version: z.string().nullable(),
  digest: z.string().nullable(),
  platforms: z.array(z.string()),
  sizeBytes: z.number().nullable(),
  upstream: z.strictObject({
    reference: z.string(),
    digest: z.string().nullable(),
  }),
  pendingDigest: z
    .string()
    .nullable()
    .describe('what upstream has now under a moved tag, waiting for a person'),
  state: z.enum(mirrorStates),
  firstPulledAt: instantText.nullable(),
  pulledAt: instantText.nullable(),
  verifiedAt: instantText.nullable(),
  error: z.string().nullable(),
  ...judged,
});

/** A row of the mirrors table. @public */
export type MirrorRow = z.infer<typeof mirrorRowSchema>;

/** A row of the bases table. @public */
export const baseRowSchema = z.strictObject({
  reference: z.string(),
  name: z.string(),
  kind: z.enum(baseKinds),
  repository: z.string(),
  tag: z.string(),
  version: z.string(),
  upstreamVersion: z.string(),
  coreVersion: z.string(),
  digest: z.string().nullable(),
  platforms: z.array(z.string()),
  mirror: z
    .strictObject({ reference: z.string(), digest: z.string().nullable() })
    .nullable(),
  builtAt: instantText.nullable(),
  reasons: z.array(z.enum(buildReasons)),
  changes: z.array(buildChangeSchema),
  state: z.enum(baseStates),
  withdrawal: withdrawalSchema.nullable(),
  error: z.string().nullable(),
  freshness: z.enum(freshnessValues),
  latest: z.string().nullable(),
  latestInCycle: z.string().nullable(),
  usedBy: z.number().int(),
  ...judged,
});

/** A row of the bases table. @public */
export type BaseRow = z.infer<typeof baseRowSchema>;

/** How the base of an application was found. @public */
export const detectionSchema = z.strictObject({
  method: z.enum(detectionMethods),
  confidence: z.enum(confidences),
  mismatch: z.boolean(),
  candidates: z.array(z.string()),
});

/** How the base of an application was found. @public */
export type Detection = z.infer<typeof detectionSchema>;

/** Why violations of an image are not counted, and until when. @public */
export const exemptionSchema = z.strictObject({
  until: dayText,
  reason: z.string(),
});

/** Why violations of an image are not counted, and until when. @public */
export type Exemption = z.infer<typeof exemptionSchema>;

const baseOfApplication = z.strictObject({
  reference: z.string(),
  digest: z.string().nullable(),
  name: z.string().nullable(),
  version: z.string().nullable(),
});

/** What one platform of an image stands on, judged by itself. @public */
export const platformBaseSchema = z.strictObject({
  platform: z.string(),
  base: baseOfApplication.nullable(),
  freshness: z.enum(freshnessValues),
  support: z.enum(supportValues),
  eolDate: dayText.nullable(),
  status: z.enum(statusValues),
  violations: z.array(z.string()),
});

/** What one platform of an image stands on, judged by itself. @public */
export type PlatformBase = z.infer<typeof platformBaseSchema>;

/** A row of the applications table. @public */
export const applicationRowSchema = z.strictObject({
  reference: z.string(),
  repository: z.string(),
  tag: z.string(),
  digest: z.string().nullable(),
  platforms: z.array(z.string()),
  base: baseOfApplication.nullable(),
  platformBases: z
    .array(platformBaseSchema)
    .nullable()
    .describe(
      'of an index whose platforms stand on different bases; the row shows the worst',
    ),
  detection: detectionSchema,
  notes: z
    .array(z.string())
    .describe('what is to be known of how the base was found, in words'),
  state: z.enum(applicationStates),
  freshness: z.enum(freshnessValues),
  latest: z.string().nullable(),
  latestInCycle: z.string().nullable(),
  outdatedSince: dayText.nullable(),
  graceUntil: dayText.nullable(),
  violations: z.array(z.string()),
  exemption: exemptionSchema.nullable(),
  revision: z.string().nullable(),
  project: z.string().nullable(),
  builtAt: instantText.nullable(),
  registeredAt: instantText,
  registeredBy: z.string(),
  entityRef: z.string().nullable(),
  owner: z.string().nullable(),
  fields: z.record(z.string(), z.string()),
  ...judged,
});

/** A row of the applications table. @public */
export type ApplicationRow = z.infer<typeof applicationRowSchema>;

/**
 * One page of a tier table. `totalItems` is exact to 10,000; above, it is
 * 10,000 and `totalIsLowerBound` is true.
 *
 * @param row - the schema of one row
 * @public
 */
export function pageSchema<T extends z.ZodType>(row: T) {
  return z.strictObject({
    items: z.array(row),
    totalItems: z.number().int(),
    totalIsLowerBound: z.boolean().optional(),
    pageInfo: z.strictObject({
      nextCursor: z.string().optional(),
      prevCursor: z.string().optional(),
    }),
  });
}

/** One page of a tier table. @public */
export interface Page<T> {
  items: T[];
  totalItems: number;
  totalIsLowerBound?: boolean;
  pageInfo: { nextCursor?: string; prevCursor?: string };
}

const counts = z.strictObject({
  total: z.number().int(),
  ok: z.number().int(),
  warning: z.number().int(),
  critical: z.number().int(),
  unknown: z.number().int(),
});

/** Counts per tier and status, and the age of what they rest on. @public */
export const summarySchema = z.strictObject({
  mirrors: counts,
  bases: counts,
  applications: counts,
  data: z.strictObject({
    lifecycleAgeDays: z.number().int().nullable(),
    lastSyncAt: instantText.nullable(),
    lastBuildAt: instantText.nullable(),
    lastScanAt: instantText.nullable(),
  }),
  definitions: z
    .array(
      z.strictObject({
        url: z.string(),
        readAt: instantText.nullable(),
        error: z.string().nullable(),
      }),
    )
    .describe(
      'definition files read by URL; an error means the last good one counts',
    ),
});

/** Counts per tier and status. @public */
export type Summary = z.infer<typeof summarySchema>;

/** Counts of one tier. @public */
export type TierCounts = z.infer<typeof counts>;

/** The answer of `GET /v1/check`. @public */
export const verdictSchema = z.strictObject({
  base: z.string(),
  name: z.string().nullable(),
  kind: z
    .enum(baseKinds)
    .nullable()
    .describe('of a base of ours; one for development violates nothing'),
  state: z
    .enum([...new Set([...baseStates, ...mirrorStates])])
    .nullable()
    .describe('of the base or mirror; null: it is neither'),
  cycle: z.string().nullable(),
  freshness: z.enum(freshnessValues),
  latest: z.string().nullable(),
  latestInCycle: z.string().nullable(),
  outdatedSince: dayText.nullable(),
  graceUntil: dayText.nullable(),
  upToDate: z.boolean(),
  support: z.enum(supportValues),
  eolDate: dayText.nullable(),
  eol: z.array(eolFactSchema),
  status: z.enum(statusValues),
  violations: z.array(z.string()),
  exemption: exemptionSchema.nullable(),
  advice: z.string().nullable(),
  warnings: z.array(z.string()),
  notes: z
    .array(z.string())
    .describe('what was assumed for want of a better knowledge, in words'),
});

/** The answer of `GET /v1/check`. @public */
export type Verdict = z.infer<typeof verdictSchema>;

/**
 * The images of one catalog entity, and the rows of the tiers below them.
 * `images` come worst first.
 *
 * @public
 */
export const entityImagesSchema = z.strictObject({
  entityRef: z.string(),
  images: z.array(applicationRowSchema),
  bases: z.array(baseRowSchema),
  mirrors: z.array(mirrorRowSchema),
});

/** The images of one catalog entity. @public */
export type EntityImages = z.infer<typeof entityImagesSchema>;
