import { z } from 'zod';
import {
  digestText,
  instantText,
  platformText,
  referenceText,
  text,
} from './primitives';
import { applicationRowSchema, verdictSchema } from './rows';

/**
 * The body of `POST /v1/registrations`. Only `image` is required: what is
 * missing is read from the registry.
 *
 * @public
 */
export const registrationSchema = z.strictObject({
  image: referenceText,
  digest: digestText.optional(),
  base: referenceText.optional(),
  baseDigest: digestText.optional(),
  revision: text(200).min(1).optional(),
  project: text(300).min(1).optional(),
  platforms: z.array(platformText).min(1).max(50).optional(),
  builtAt: instantText.optional(),
  entityRef: text(300).min(1).optional(),
  fields: z
    .record(text(100).min(1), text(2000))
    .refine(fields => Object.keys(fields).length <= 50, 'at most 50 fields')
    .optional(),
});

/** The body of `POST /v1/registrations`. @public */
export type Registration = z.infer<typeof registrationSchema>;

/** The answer of `POST /v1/registrations`: the stored row and its verdict. @public */
export const registrationAnswerSchema = z.strictObject({
  ...applicationRowSchema.shape,
  verdict: verdictSchema,
});

/** The answer of `POST /v1/registrations`. @public */
export type RegistrationAnswer = z.infer<typeof registrationAnswerSchema>;

/**
 * The body of `POST /v1/registrations/batch`. Each item is a body of
 * `POST /v1/registrations` and is checked on its own, so that a bad one does
 * not stop the others. The body as a whole has the size limit of every other.
 *
 * @public
 */
export const registrationBatchSchema = z.strictObject({
  items: z
    .array(
      z.unknown().meta({ description: 'a body of POST /v1/registrations' }),
    )
    .min(1)
    .max(200),
});

/** The body of `POST /v1/registrations/batch`. @public */
export interface RegistrationBatch {
  items: Registration[];
}

/**
 * What became of one item of a batch: the status that it would have had alone,
 * with the stored registration or the error.
 *
 * @public
 */
export const registrationResultSchema = z.union([
  z.strictObject({
    status: z.union([z.literal(200), z.literal(201)]),
    registration: registrationAnswerSchema,
  }),
  z.strictObject({
    status: z.number().int().min(400).max(599),
    error: z.strictObject({ name: z.string(), message: z.string() }),
  }),
]);

/** What became of one item of a batch. @public */
export type RegistrationResult = z.infer<typeof registrationResultSchema>;

/** The answer of `POST /v1/registrations/batch`: in the order of the items. @public */
export const registrationBatchAnswerSchema = z.strictObject({
  results: z.array(registrationResultSchema),
});

/** The answer of `POST /v1/registrations/batch`. @public */
export type RegistrationBatchAnswer = z.infer<
  typeof registrationBatchAnswerSchema
>;

/** Query of `DELETE /v1/registrations`. @public */
export const forgetQuerySchema = z.strictObject({ image: referenceText });
