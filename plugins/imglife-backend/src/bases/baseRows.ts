import { parseTag } from '@imglife/backstage-plugin-imglife-common';
import type { ResolvedImage } from '@imglife/oci';
import type {
  BaseTagTable,
  BuildTable,
  MirrorTagTable,
} from '../database/tables';
import { sourceReference } from './baseSourceTags';
import type { BaseTag, BaseTagIdentity, BuildAttempt } from './BaseStore';
import { baseVersionKey } from './baseTag';
import { contextColumns } from './contextRows';
import type { InputHashes } from './inputHash';
import type { MirrorTag } from './planBuilds';

/** A row of `mirror_tag`. */
export function toMirrorTag(row: MirrorTagTable): MirrorTag {
  return {
    repository: row.repository,
    tag: row.tag,
    family: row.family,
    versionKey: row.version_key,
    digest: row.digest ?? '',
    platforms: JSON.parse(row.platforms),
    imageCreated: row.image_created ?? undefined,
    product: row.product ?? undefined,
    cycle: row.cycle ?? undefined,
    osProduct: row.os_product ?? undefined,
    osCycle: row.os_cycle ?? undefined,
  };
}

function sourcesOf(
  { template, args }: BaseTagTable,
  { compression }: InputHashes,
) {
  return template !== null && args !== null
    ? { template, args: JSON.parse(args), compression }
    : undefined;
}

function contextOf({
  context_hash: hash,
  context_commit: commit,
}: BaseTagTable) {
  if (hash === null) {
    return undefined;
  }
  const { revision, committedAt } = JSON.parse(commit ?? '{}');
  return {
    hash,
    revision,
    committedAt: committedAt ? new Date(committedAt) : undefined,
  };
}

/** A row of `base_tag`. */
export function toBaseTag(row: BaseTagTable): BaseTag {
  const { digest, input_hash: inputHash } = row;
  const inputs: InputHashes | undefined = row.inputs
    ? JSON.parse(row.inputs)
    : undefined;
  return {
    repository: row.repository,
    tag: row.tag,
    upstreamTag: row.upstream_version,
    coreVersion: row.core_version,
    versionKey: row.version_key,
    cycle: row.cycle ?? row.os_cycle ?? undefined,
    state: row.state,
    error: row.error ?? undefined,
    digest: digest ?? undefined,
    withdrawal: row.withdrawal ? JSON.parse(row.withdrawal) : undefined,
    published:
      digest && inputHash && inputs
        ? {
            digest,
            inputHash,
            inputs,
            sources: sourcesOf(row, inputs),
            context: contextOf(row),
          }
        : undefined,
  };
}

/** Columns of `base_tag` whether or not it was ever built. */
export function identityColumns(identity: BaseTagIdentity) {
  const { mirror, coreVersion } = identity;
  return {
    name: identity.name,
    kind: identity.kind,
    owner: identity.owner ?? null,
    repository: identity.repository,
    tag: identity.tag,
    family: parseTag(mirror.tag).family,
    upstream_version: mirror.tag,
    core_version: coreVersion,
    version_key: baseVersionKey(mirror.tag, coreVersion),
    product: mirror.product ?? null,
    cycle: mirror.cycle ?? null,
    os_product: mirror.osProduct ?? null,
    os_cycle: mirror.osCycle ?? null,
  };
}

/** A row of `build`. */
export function buildRow(
  identity: BaseTagIdentity,
  attempt: BuildAttempt,
  outcome: Pick<BuildTable, 'state' | 'digest' | 'error'>,
): Omit<BuildTable, 'id'> {
  return {
    repository: identity.repository,
    tag: identity.tag,
    input_hash: attempt.inputHash,
    inputs: JSON.stringify(attempt.inputs ?? {}),
    dockerfile: attempt.dockerfile,
    mirror_digest: identity.mirror.digest,
    reasons: JSON.stringify(attempt.reasons),
    changes: JSON.stringify(attempt.changes),
    builder: attempt.builder,
    run_id: attempt.runId ?? '',
    actor: attempt.actor,
    started_at: attempt.startedAt,
    finished_at: attempt.finishedAt,
    ...outcome,
  };
}

/** Columns of `base_tag` once it is published. */
export function publishedColumns(
  identity: BaseTagIdentity,
  attempt: BuildAttempt,
  image: ResolvedImage,
) {
  const { mirror } = identity;
  return {
    ...identityColumns(identity),
    digest: image.descriptor.digest,
    platforms: JSON.stringify(image.images.map(({ platform }) => platform)),
    mirror_reference: sourceReference(mirror),
    mirror_digest: mirror.digest,
    input_hash: attempt.inputHash,
    inputs: JSON.stringify(attempt.inputs),
    reasons: JSON.stringify(attempt.reasons),
    changes: JSON.stringify(attempt.changes),
    template: attempt.sources?.template ?? null,
    args: attempt.sources ? JSON.stringify(attempt.sources.args) : null,
    ...contextColumns(attempt.context),
    image_created: image.images[0]?.config.created ?? null,
    state: 'published',
    error: null,
    built_at: attempt.finishedAt,
  };
}
