import { z } from 'zod';
import { digestText, referenceText } from './primitives';

/** The body of `POST /v1/mirrors/accept`. @public */
export const acceptRequestSchema = z.strictObject({
  /** at the target, with its tag */
  reference: referenceText,
  /** what upstream has now */
  digest: digestText,
});

/** The body of `POST /v1/mirrors/accept`. @public */
export type AcceptRequest = z.infer<typeof acceptRequestSchema>;
