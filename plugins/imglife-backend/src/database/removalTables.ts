import type { Tier } from '@imglife/backstage-plugin-imglife-common';

/** `removal`: tags that retention deleted, one row each time */
export interface RemovalTable {
  id: number;
  tier: Tier;
  /** of the definition; of an application its repository */
  name: string;
  repository: string;
  tag: string;
  digest: string;
  reason: string;
  /** JSON: columns of the tag's row that the removal cleared */
  cleared: string;
  /** `host/path:tag` of the copy; null: none was made */
  archive_reference: string | null;
  /** since when the copy is gone too */
  archive_removed_at: string | null;
  run_id: string;
  actor: string;
  at: string;
  restored_at: string | null;
  restored_by: string | null;
}
