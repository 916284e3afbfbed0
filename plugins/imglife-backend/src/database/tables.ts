/**
 * Row types of the plugin's tables, as `migrations/` makes them. Instants are
 * ISO 8601 UTC text with milliseconds, days `YYYY-MM-DD`; columns that hold
 * JSON say so. PostgreSQL gives `bigint` back as text: use `Number()`.
 */

export * from './applicationTables';
export * from './removalTables';
export * from './runTables';

/** Columns every judged row has. */
export interface JudgementColumns {
  product: string | null;
  cycle: string | null;
  os_product: string | null;
  os_cycle: string | null;
  support: string;
  eol_date: string | null;
  /** JSON `EolFact[]` */
  eol: string;
  status: string;
  /** index of `status` in `statusValues`: 0 critical … 3 ok */
  status_rank: number;
}

/** `definition` */
export interface DefinitionTable {
  kind: 'mirror' | 'verify' | 'base' | 'lifecycle' | 'scan' | 'retention';
  name: string;
  hash: string;
  source: string;
  since: string;
  queued_hash: string | null;
  queued_at: string | null;
  finished_at: string | null;
  failures: number;
  retry_at: string | null;
}

/** `definition_file` */
export interface DefinitionFileTable {
  url: string;
  /** empty: never */
  tried_at: string;
  read_at: string | null;
  etag: string | null;
  /** the last that was good */
  content: string | null;
  error: string | null;
  error_since: string | null;
}

/** `mirror_tag` */
export interface MirrorTagTable extends JudgementColumns {
  id: number;
  mirror: string;
  repository: string;
  tag: string;
  version: string | null;
  version_key: string;
  family: string;
  digest: string | null;
  media_type: string | null;
  upstream_repository: string;
  upstream_tag: string;
  upstream_digest: string | null;
  /** JSON `string[]` */
  platforms: string;
  size_bytes: number | string | null;
  image_created: string | null;
  state: string;
  error: string | null;
  selected: boolean | number;
  first_pulled_at: string | null;
  pulled_at: string | null;
  verified_at: string | null;
  /** of upstream, waiting to be accepted */
  pending_digest: string | null;
  accepted_digest: string | null;
  accepted_by: string | null;
  accepted_at: string | null;
  /** what was asked for, joined by a comma; empty: all */
  wanted_platforms: string;
  /** JSON `string[]` */
  notes: string;
}

/** `upstream_tag` */
export interface UpstreamTagTable {
  repository: string;
  tag: string;
  first_seen_at: string;
  image_created: string | null;
}

/** `registry_content` */
export interface RegistryContentTable {
  registry: string;
  /** of a manifest or blob */
  digest: string;
  /** path at the registry */
  repository: string;
}

/** `pull` */
export interface PullTable {
  id: number;
  repository: string;
  tag: string;
  from_digest: string | null;
  to_digest: string;
  bytes: number | string;
  duration_ms: number;
  run_id: string;
  actor: string;
  at: string;
  /** JSON `string[]` */
  notes: string;
}

/** `base_tag` */
export interface BaseTagTable extends JudgementColumns {
  id: number;
  name: string;
  kind: string;
  owner: string | null;
  repository: string;
  tag: string;
  family: string;
  /** the mirrored tag, such as `3.21.3` */
  upstream_version: string;
  core_version: string;
  version_key: string;
  digest: string | null;
  /** JSON `string[]` */
  platforms: string;
  mirror_reference: string | null;
  mirror_digest: string | null;
  input_hash: string | null;
  /** JSON: hash per kind of input */
  inputs: string | null;
  /** JSON `BuildReason[]` */
  reasons: string;
  state: string;
  error: string | null;
  published_at: string | null;
  built_at: string | null;
  /** JSON `BuildChange[]` */
  changes: string;
  /** as written, of what is published */
  template: string | null;
  /** JSON, of what is published */
  args: string | null;
  /** in `base_context`, of what is published; null: not kept */
  context_hash: string | null;
  /** JSON `{ revision, committedAt }` of that context */
  context_commit: string | null;
  /** `created` of what is published */
  image_created: string | null;
  /** JSON `Withdrawal` */
  withdrawal: string | null;
  freshness: string;
  latest: string | null;
  latest_in_cycle: string | null;
  outdated_since: string | null;
  used_by: number;
}

/** `base_context`: what bases were published with, by hash */
export interface BaseContextTable {
  hash: string;
  /** tar, gzip */
  content: Buffer;
  used_at: string;
}

/** `build` */
export interface BuildTable {
  id: number;
  repository: string;
  tag: string;
  input_hash: string;
  /** JSON */
  inputs: string;
  dockerfile: string;
  mirror_digest: string;
  /** JSON `BuildReason[]` */
  reasons: string;
  state: 'succeeded' | 'failed';
  digest: string | null;
  error: string | null;
  builder: string;
  run_id: string;
  actor: string;
  started_at: string;
  finished_at: string;
  /** JSON `BuildChange[]` */
  changes: string;
}

/** `floating_tag` */
export interface FloatingTagTable {
  repository: string;
  tag: string;
  /** the tag of the base it stands for */
  base_tag: string;
  digest: string;
  moved_at: string;
}

/** `image_digest` */
export interface ImageDigestTable {
  id: number;
  tier: 'mirrors' | 'bases';
  name: string;
  repository: string;
  tag: string;
  root_digest: string;
  digest: string;
  /** empty for an index */
  platform: string;
  chain_id: string | null;
  layers: number;
  input_hash: string | null;
  published_at: string;
  /** its label `org.opencontainers.image.source` */
  source: string | null;
  /** its label `org.opencontainers.image.revision` */
  revision: string | null;
}

/** `base_use` */
export interface BaseUseTable {
  id: number;
  /** `repository[:tag]`; empty = FROM scratch; `?` = unknown */
  reference: string;
  /** empty = not given */
  digest: string;
  tier: 'bases' | 'mirrors' | 'other' | 'none';
  created_at: string;
}

/** `verdict` */
export interface VerdictTable extends JudgementColumns {
  id: number;
  base_use_id: number;
  /** JSON `Exemption`, or empty */
  exemption: string;
  name: string | null;
  freshness: string;
  latest: string | null;
  latest_in_cycle: string | null;
  outdated_since: string | null;
  grace_until: string | null;
  /** JSON `string[]` */
  violations: string;
  since: string;
  /** for the first time; until then it has its defaults */
  judged_at: string | null;
}

/** `transition` */
export interface TransitionTable {
  id: number;
  verdict_id: number;
  reference: string;
  from_status: string;
  to_status: string;
  from_freshness: string;
  to_freshness: string;
  cause: string;
  at: string;
  /** when owners were told, or need not be */
  notified_at: string | null;
}

/** `adoption_day` */
export interface AdoptionDayTable {
  /** `YYYY-MM-DD`, UTC */
  day: string;
  tier: 'bases' | 'mirrors' | 'upstream' | 'scratch' | 'unknown';
  /** empty = none */
  base: string;
  /** empty = unknown */
  product: string;
  cycle: string;
  applications: number;
}

/** `product` */
export interface ProductTable {
  name: string;
  /** JSON `string[]` */
  aliases: string;
  label: string;
  /** JSON `string[]` */
  purls: string;
  source: 'api' | 'snapshot' | 'file';
  fetched_at: string;
  error: string | null;
}

/** `cycle` */
export interface CycleTable {
  product: string;
  name: string;
  codename: string | null;
  release_date: string | null;
  eol_date: string | null;
  is_eol: boolean | number | null;
  eoes_date: string | null;
  latest: string | null;
}
