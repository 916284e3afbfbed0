/** `application` */
export interface ApplicationTable {
  id: number;
  repository: string;
  tag: string;
  digest: string | null;
  /** JSON `string[]` */
  platforms: string;
  base_reference: string | null;
  base_digest: string | null;
  base_name: string | null;
  base_version: string | null;
  /** JSON `Detection` */
  detection: string;
  squashed: boolean | number;
  /** `current | earlier | gone`; what is `discovered` is said beside it */
  state: string;
  /** found by a scan, registered by nobody */
  discovered: boolean | number;
  verdict_id: number | null;
  revision: string | null;
  project: string | null;
  /** as the pipeline named it */
  declared_entity_ref: string | null;
  /** as resolved: declared, else mapped from the catalog */
  entity_ref: string | null;
  owner: string | null;
  /** JSON `Record<string, string>` */
  fields: string;
  facts_hash: string;
  built_at: string | null;
  registered_at: string;
  registered_by: string;
}

/** `application_platform` */
export interface ApplicationPlatformTable {
  application_id: number;
  /** in the index */
  position: number;
  platform: string;
  base_reference: string | null;
  base_digest: string | null;
  base_name: string | null;
  base_version: string | null;
  verdict_id: number;
}

/** `registration` */
export interface RegistrationTable {
  id: number;
  repository: string;
  tag: string;
  /** JSON */
  facts: string;
  facts_hash: string;
  registered_at: string;
  registered_by: string;
}
