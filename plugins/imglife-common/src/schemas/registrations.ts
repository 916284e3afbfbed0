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
