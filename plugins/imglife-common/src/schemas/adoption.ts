import { z } from 'zod';
import { dayText, instantText, text } from './primitives';

/**
 * Query of `GET /v1/adoption`. `base` is a base, mirror or product by name, with
 * a cycle or without (`alpine`, `alpine:3.19`), or a repository; `days` is how
 * far back the history goes, 1 to 730, default 90.
 *
 * @public
 */
export const adoptionQuerySchema = z.strictObject({
  base: text(300).min(1).optional(),
  days: z.number().int().min(1).max(730).optional(),
});

/** Query of `GET /v1/adoption`. @public */
export type AdoptionQuery = z.infer<typeof adoptionQuerySchema>;

/** What applications stand on, seen from far away. @public */
export const adoptionTiers = [
  'bases',
  'mirrors',
  'upstream',
  'scratch',
  'unknown',
] as const;

const group = {
  tier: z.enum(adoptionTiers),
  base: z.string().nullable(),
  product: z.string().nullable(),
  cycle: z.string().nullable(),
  applications: z.number().int(),
};

/**
 * Current applications per base and cycle: now, with their verdicts, and on
 * each day of the past that was seen, oldest first (days UTC, as of the last
 * look of that day). `base` is the name of a base or mirror, of an upstream
 * image its repository. `repository` is what its applications name, `null` where
 * they name several or none; `eolDate` the first end of life among them, and
 * `ended` and `ending` how many are past theirs or soon will be.
 *
 * @public
 */
export const adoptionSchema = z.strictObject({
  at: instantText,
  totalApplications: z.number().int(),
  items: z.array(
    z.strictObject({
      ...group,
      ok: z.number().int(),
      warning: z.number().int(),
      critical: z.number().int(),
      unknown: z.number().int(),
      repository: z.string().nullable(),
      eolDate: dayText.nullable(),
      ended: z.number().int(),
      ending: z.number().int(),
    }),
  ),
  history: z.array(
    z.strictObject({ day: dayText, items: z.array(z.strictObject(group)) }),
  ),
});

/** The answer of `GET /v1/adoption`. @public */
export type Adoption = z.infer<typeof adoptionSchema>;
