import type {
  ApplicationTable,
  BaseTagTable,
  BaseUseTable,
  MirrorTagTable,
  VerdictTable,
} from '../../database/tables';

const judgement = {
  product: 'alpine-linux',
  cycle: '3.21',
  os_product: null,
  os_cycle: null,
  support: 'supported',
  eol_date: '2026-11-01',
  eol: '[]',
  status: 'ok',
  status_rank: 3,
};

/** A mirrored tag as it is stored, but for what is changed. */
export function mirrorTag(
  change: Partial<MirrorTagTable> = {},
): Omit<MirrorTagTable, 'id'> {
  const tag = change.tag ?? '3.21.3';
  return {
    mirror: 'alpine',
    repository: 'reg.test/mirrors/alpine',
    tag,
    version: tag,
    version_key: tag,
    // as parseTag gives it
    family: '3|',
    digest: 'sha256:m',
    media_type: 'application/vnd.oci.image.index.v1+json',
    upstream_repository: 'docker.io/library/alpine',
    upstream_tag: tag,
    upstream_digest: 'sha256:m',
    platforms: '["linux/amd64"]',
    size_bytes: 1000,
    image_created: null,
    state: 'current',
    error: null,
    selected: true,
    first_pulled_at: '2026-01-01T00:00:00.000Z',
    pulled_at: '2026-01-01T00:00:00.000Z',
    verified_at: null,
    pending_digest: null,
    accepted_digest: null,
    accepted_by: null,
    accepted_at: null,
    wanted_platforms: '',
    notes: '[]',
    ...judgement,
    ...change,
  };
}

/** A published base tag as it is stored, but for what is changed. */
export function baseTag(
  change: Partial<BaseTagTable> = {},
): Omit<BaseTagTable, 'id'> {
  const tag = change.tag ?? '3.21.3-core1.0.0';
  return {
    name: 'alpine',
    kind: 'core',
    owner: 'group:default/platform',
    repository: 'reg.test/bases/alpine',
    tag,
    // as parseTag gives it
    family: '3|',
    upstream_version: tag.split('-')[0],
    core_version: '1.0.0',
    version_key: tag,
    digest: `sha256:${tag}`,
    platforms: '["linux/amd64"]',
    mirror_reference: `reg.test/mirrors/alpine:${tag.split('-')[0]}`,
    mirror_digest: 'sha256:m',
    input_hash: 'h',
    inputs: '{}',
    reasons: '["first-build"]',
    state: 'published',
    error: null,
    changes: '[]',
    template: null,
    args: null,
    context_hash: null,
    context_commit: null,
    image_created: null,
    withdrawal: null,
    published_at: '2026-02-01T00:00:00.000Z',
    built_at: '2026-02-01T00:00:00.000Z',
    freshness: 'current',
    latest: null,
    latest_in_cycle: null,
    outdated_since: null,
    used_by: 0,
    ...judgement,
    ...change,
  };
}

/** A use of a base, but for what is changed. */
export function baseUse(
  change: Partial<BaseUseTable> = {},
): Omit<BaseUseTable, 'id'> {
  return {
    reference: 'reg.test/bases/alpine:3.21.3-core1.0.0',
    digest: 'sha256:3.21.3-core1.0.0',
    tier: 'bases',
    created_at: '2026-03-01T00:00:00.000Z',
    ...change,
  };
}

/** A verdict nobody has come to yet, but for what is changed. */
export function verdict(
  change: Partial<VerdictTable> & { base_use_id: number },
): Omit<VerdictTable, 'id'> {
  return {
    exemption: '',
    name: null,
    freshness: 'unknown',
    latest: null,
    latest_in_cycle: null,
    outdated_since: null,
    grace_until: null,
    violations: '[]',
    since: '2026-03-01T00:00:00.000Z',
    judged_at: null,
    ...judgement,
    support: 'unknown',
    status: 'unknown',
    status_rank: 2,
    ...change,
  };
}

/** A current application, but for what is changed. */
export function application(
  change: Partial<ApplicationTable>,
): Omit<ApplicationTable, 'id'> {
  return {
    repository: 'reg.test/apps/shop',
    tag: '1.0.0',
    digest: 'sha256:app',
    platforms: '["linux/amd64"]',
    base_reference: 'reg.test/bases/alpine:3.21.3-core1.0.0',
    base_digest: 'sha256:3.21.3-core1.0.0',
    base_name: 'alpine',
    base_version: '3.21.3-core1.0.0',
    detection:
      '{"method":"chain","confidence":"confirmed","mismatch":false,"candidates":[]}',
    squashed: false,
    state: 'current',
    discovered: false,
    verdict_id: null,
    revision: null,
    project: null,
    declared_entity_ref: null,
    entity_ref: null,
    owner: null,
    fields: '{}',
    facts_hash: 'f',
    built_at: '2026-03-01T00:00:00.000Z',
    registered_at: '2026-03-01T00:00:00.000Z',
    registered_by: 'external:ci',
    ...change,
  };
}
