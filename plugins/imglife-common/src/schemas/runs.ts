import { z } from 'zod';
import { buildChangeSchema } from './bases';
import { instantText, text } from './primitives';
import {
  runItemStates,
  runKinds,
  runStates,
  runTriggers,
  startableRunKinds,
} from './values';

/** What a run did, or would do, with one image. @public */
export const runItemSchema = z.strictObject({
  reference: z.string(),
  action: z.string(),
  reason: z.string().nullable(),
  state: z.enum(runItemStates),
  error: z.string().nullable(),
  changes: z.array(buildChangeSchema).optional(),
  /** that a planned copy would move */
  bytes: z.number().optional(),
});

/** What a run did, or would do, with one image. @public */
export type RunItem = z.infer<typeof runItemSchema>;

/** One execution of sync, build, retention and the like. `progress.bytes` in bytes. @public */
export const runSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(runKinds),
  target: z.string().nullable(),
  trigger: z.enum(runTriggers),
  actor: z.string(),
  dryRun: z.boolean(),
  state: z.enum(runStates),
  progress: z.strictObject({
    done: z.number().int(),
    total: z.number().int(),
    bytes: z.number(),
  }),
  items: z.array(runItemSchema),
  createdAt: instantText,
  startedAt: instantText.nullable(),
  finishedAt: instantText.nullable(),
  error: z.string().nullable(),
});

/** One execution of sync, build, retention and the like. @public */
export type Run = z.infer<typeof runSchema>;

/**
 * The file `export.json`, the first of `GET /v1/bases/export`: what is in the
 * archive, and what is not and why.
 *
 * @public
 */
export const exportListSchema = z.strictObject({
  items: z.array(runItemSchema),
  /** one for each image and platform, with `/` between their parts */
  folders: z.array(z.string()),
  /** how many files, folders and links follow */
  entries: z.number().int(),
});

/** The file `export.json` of `GET /v1/bases/export`. @public */
export type ExportList = z.infer<typeof exportListSchema>;

/** The body of `POST /v1/runs`. @public */
export const runRequestSchema = z.strictObject({
  kind: z.enum(startableRunKinds),
  target: text(300).min(1).optional(),
  dryRun: z.boolean().optional(),
  force: z.boolean().optional(),
});

/** The body of `POST /v1/runs`. @public */
export type RunRequest = z.infer<typeof runRequestSchema>;

/** Query of `GET /v1/runs`, newest first. @public */
export const runQuerySchema = z.strictObject({
  kind: z.enum(runKinds).optional(),
  target: text(300).optional(),
  state: z.enum(runStates).optional(),
  limit: z.number().int().min(1).max(500).optional(),
  cursor: text(2000).optional(),
});

/** Query of `GET /v1/runs`. @public */
export type RunQuery = z.infer<typeof runQuerySchema>;
