import { z } from 'zod';
import { dayText, instantText, referenceText, text } from './primitives';
import { freshnessValues, statusValues, supportValues, tiers } from './values';

/**
 * Query of `GET /v1/images/lineage`: one image by its reference. `limit` (1 to
 * 500, default 50) and `cursor` page the applications that are built on it.
 *
 * @public
 */
export const lineageQuerySchema = z.strictObject({
  reference: referenceText,
  limit: z.number().int().min(1).max(500).optional(),
  cursor: text(2000).optional(),
});

/** Query of `GET /v1/images/lineage`. @public */
export type LineageQuery = z.infer<typeof lineageQuerySchema>;

/** Where an image of a lineage lives; `upstream` is none of ours. @public */
export const lineageTiers = [...tiers, 'upstream'] as const;

/**
 * One image of a lineage. What an upstream image is judged by is `null`: it has
 * no row of its own.
 *
 * @public
 */
export const lineageImageSchema = z.strictObject({
  reference: z.string(),
  tier: z.enum(lineageTiers),
  digest: z.string().nullable(),
  status: z.enum(statusValues).nullable(),
  freshness: z.enum(freshnessValues).nullable(),
  support: z.enum(supportValues).nullable(),
  eolDate: dayText.nullable(),
  owner: z.string().nullable(),
});

/** One image of a lineage. @public */
export type LineageImage = z.infer<typeof lineageImageSchema>;

const pageInfo = z.strictObject({
  nextCursor: z.string().optional(),
  prevCursor: z.string().optional(),
});

/**
 * What an image is built on, nearest first, down to its upstream; and what is
 * built on it: bases (all that follow it, also through another base, at most
 * 500 of `totalBases`) and one page of current applications, on it or on those
 * bases.
 *
 * @public
 */
export const lineageSchema = z.strictObject({
  image: lineageImageSchema,
  builtOn: z.array(lineageImageSchema),
  bases: z.array(lineageImageSchema),
  totalBases: z.number().int(),
  applications: z.strictObject({
    items: z.array(
      z.strictObject({
        ...lineageImageSchema.shape,
        base: z.string().nullable(),
      }),
    ),
    totalItems: z.number().int(),
    totalIsLowerBound: z.boolean().optional(),
    pageInfo,
  }),
});

/** The answer of `GET /v1/images/lineage`. @public */
export type Lineage = z.infer<typeof lineageSchema>;

/**
 * Query of `GET /v1/transitions`: changes of verdicts, newest first; of the
 * base that is meant, as in the filters of applications, or of all. `limit` is 1 to 500, default 50.
 *
 * @public
 */
export const transitionQuerySchema = z.strictObject({
  base: referenceText.optional(),
  limit: z.number().int().min(1).max(500).optional(),
  cursor: text(2000).optional(),
});

/** Query of `GET /v1/transitions`. @public */
export type TransitionQuery = z.infer<typeof transitionQuerySchema>;

const judgement = z.strictObject({
  status: z.enum(statusValues),
  freshness: z.enum(freshnessValues),
});

/**
 * One change of a verdict: of a base as applications use it, and of all of them
 * at once. `base` is `?` where nobody knows it and empty for `FROM scratch`;
 * `applications` are the current ones that share the verdict now.
 *
 * @public
 */
export const transitionSchema = z.strictObject({
  id: z.number().int(),
  base: z.string(),
  name: z.string().nullable(),
  from: judgement,
  to: judgement,
  cause: z.string(),
  at: instantText,
  applications: z.number().int(),
});

/** One change of a verdict. @public */
export type Transition = z.infer<typeof transitionSchema>;
