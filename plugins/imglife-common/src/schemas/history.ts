import { z } from 'zod';
import { instantText, referenceText, text } from './primitives';

/** What happened to a tag. @public */
export const historyKinds = [
  'pull',
  'build',
  'registration',
  'removal',
] as const;

/** What happened to a tag. @public */
export type HistoryKind = (typeof historyKinds)[number];

/** Query of `GET /v1/images/history`, newest first. @public */
export const historyQuerySchema = z.strictObject({
  repository: referenceText.describe('host/path'),
  tag: text(128).min(1).optional(),
  kind: z.enum(historyKinds).optional(),
  limit: z.number().int().min(1).max(500).optional(),
  cursor: text(2000).optional(),
});

/** Query of `GET /v1/images/history`. @public */
export type HistoryQuery = z.infer<typeof historyQuerySchema>;

/**
 * One pull of a mirror, build of a base, registration of an application, or
 * removal by retention. What a kind does not have is `null`; sizes in bytes, durations in
 * milliseconds.
 *
 * @public
 */
export const historyEntrySchema = z.strictObject({
  kind: z.enum(historyKinds),
  at: instantText,
  repository: z.string(),
  tag: z.string(),
  state: z.enum(['succeeded', 'failed']),
  digest: z.string().nullable(),
  previousDigest: z.string().nullable(),
  reasons: z
    .array(z.string())
    .describe(
      'why it was built or removed; of a pull, what is to be known of it',
    ),
  bytes: z.number().nullable(),
  durationMs: z.number().nullable(),
  base: z.string().nullable(),
  revision: z.string().nullable(),
  error: z.string().nullable(),
  actor: z.string(),
  runId: z.string().nullable(),
});

/** One entry of a repository's history. @public */
export type HistoryEntry = z.infer<typeof historyEntrySchema>;
