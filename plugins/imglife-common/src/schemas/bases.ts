import { z } from 'zod';
import { digestText, instantText, referenceText, text } from './primitives';
import { buildReasons } from './values';

/** One reason to build a base, with what was and what is. @public */
export const buildChangeSchema = z.strictObject({
  reason: z.enum(buildReasons),
  from: z.string().nullable(),
  to: z.string().nullable(),
});

/**
 * One reason to build a base. The values are a digest (`mirror-moved`), a tag
 * (`new-upstream-tag`, `first-build`, `tag-format`), a version (`core-version`),
 * platforms, `gzip` or `zstd` (`compression`), or the hash of a template, context
 * or arguments.
 *
 * @public
 */
export type BuildChange = z.infer<typeof buildChangeSchema>;

/** That a base was taken back, why, and by whom. @public */
export const withdrawalSchema = z.strictObject({
  reason: z.string(),
  /** `host/path:tag` of the base to use instead */
  replacement: z.string().nullable(),
  at: instantText,
  by: z.string(),
});

/** That a base was taken back. @public */
export type Withdrawal = z.infer<typeof withdrawalSchema>;

/** The body of `POST /v1/bases/withdraw`. @public */
export const withdrawSchema = z.strictObject({
  reference: referenceText,
  reason: text(1000).min(1),
  replacement: referenceText.optional(),
});

/** The body of `POST /v1/bases/withdraw`. @public */
export type WithdrawRequest = z.infer<typeof withdrawSchema>;

/** The body of `POST /v1/bases/published`. @public */
export const publishedSchema = z.strictObject({
  reference: referenceText,
  digest: digestText,
  /** of `build.json` */
  inputHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the inputHash of build.json, 64 hex'),
});

/** The body of `POST /v1/bases/published`. @public */
export type PublishedRequest = z.infer<typeof publishedSchema>;

/** Query of `GET /v1/bases/export`. @public */
export const exportQuerySchema = z.strictObject({
  /** of a base; default: what is due of the builder `export` */
  name: text(300).min(1).optional(),
  /** also what is not due */
  force: z.boolean().optional(),
});

/** Query of `GET /v1/bases/export`. @public */
export type ExportQuery = z.infer<typeof exportQuerySchema>;
