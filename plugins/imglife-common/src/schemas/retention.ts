import { z } from 'zod';
import { referenceText } from './primitives';

/** The body of `POST /v1/retention/restore`. @public */
export const restoreRequestSchema = z.strictObject({
  /** of the image that retention removed, with its tag */
  reference: referenceText,
});

/** The body of `POST /v1/retention/restore`. @public */
export type RestoreRequest = z.infer<typeof restoreRequestSchema>;
