import type {
  ApplicationRow,
  BaseRow,
  MirrorRow,
  PlatformBase,
} from '@imglife/backstage-plugin-imglife-common';
import type {
  ApplicationPlatformTable,
  ApplicationTable,
  BaseTagTable,
  JudgementColumns,
  MirrorTagTable,
} from '../database/tables';
import { detectionNotes } from './detectionNotes';
import { referenceOf } from './PublishedBases';

/** A platform of an application joined with its verdict. */
export interface JoinedPlatform
  extends ApplicationPlatformTable,
    JudgementColumns {
  freshness: string;
  violations: string;
}

/** An application joined with its verdict. */
export interface JoinedApplication extends ApplicationTable, JudgementColumns {
  freshness: string;
  latest: string | null;
  latest_in_cycle: string | null;
  outdated_since: string | null;
  grace_until: string | null;
  violations: string;
  exemption: string;
}

function judged(row: JudgementColumns) {
  return {
    product: row.product ?? row.os_product,
    cycle: row.product ? row.cycle : row.os_cycle,
    support: row.support as MirrorRow['support'],
    eolDate: row.eol_date,
    eol: JSON.parse(row.eol),
    status: row.status as MirrorRow['status'],
  };
}

/** A row of `mirror_tag` as the table shows it. */
export function toMirrorRow(row: MirrorTagTable): MirrorRow {
  return {
    reference: referenceOf(row),
    name: row.mirror,
    repository: row.repository,
    tag: row.tag,
    version: row.version,
    digest: row.digest,
    platforms: JSON.parse(row.platforms),
    sizeBytes: row.size_bytes === null ? null : Number(row.size_bytes),
    upstream: {
      reference: `${row.upstream_repository}:${row.upstream_tag}`,
      digest: row.upstream_digest,
    },
    pendingDigest: row.pending_digest,
    state: row.state as MirrorRow['state'],
    firstPulledAt: row.first_pulled_at,
    pulledAt: row.pulled_at,
    verifiedAt: row.verified_at,
    error: row.error,
    ...judged(row),
  };
}

/** A row of `base_tag` as the table shows it. */
export function toBaseRow(row: BaseTagTable): BaseRow {
  return {
    reference: referenceOf(row),
    name: row.name,
    kind: row.kind as BaseRow['kind'],
    repository: row.repository,
    tag: row.tag,
    version: row.tag,
    upstreamVersion: row.upstream_version,
    coreVersion: row.core_version,
    digest: row.digest,
    platforms: JSON.parse(row.platforms),
    mirror: row.mirror_reference
      ? { reference: row.mirror_reference, digest: row.mirror_digest }
      : null,
    builtAt: row.built_at,
    reasons: JSON.parse(row.reasons),
    changes: JSON.parse(row.changes),
    state: row.state as BaseRow['state'],
    withdrawal: row.withdrawal ? JSON.parse(row.withdrawal) : null,
    error: row.error,
    freshness: row.freshness as BaseRow['freshness'],
    latest: row.latest,
    latestInCycle: row.latest_in_cycle,
    usedBy: row.used_by,
    ...judged(row),
  };
}

/**
 * A row of `application` with its verdict as the table shows it.
 *
 * @param platforms - what they stand on where that is not one base
 */
export function toApplicationRow(
  row: JoinedApplication,
  platforms: JoinedPlatform[] = [],
): ApplicationRow {
  const detection = JSON.parse(row.detection);
  const platformBases = platforms.length ? platforms.map(toPlatformBase) : null;
  return {
    reference: referenceOf(row),
    repository: row.repository,
    tag: row.tag,
    digest: row.digest,
    platforms: JSON.parse(row.platforms),
    base: toBaseOf(row),
    platformBases,
    detection,
    notes: detectionNotes({
      detection,
      squashed: Boolean(row.squashed),
      platformBases,
    }),
    // who counts and who registered it are two things
    state:
      row.discovered && row.state === 'current'
        ? 'discovered'
        : (row.state as ApplicationRow['state']),
    freshness: row.freshness as ApplicationRow['freshness'],
    latest: row.latest,
    latestInCycle: row.latest_in_cycle,
    outdatedSince: row.outdated_since,
    graceUntil: row.grace_until,
    violations: JSON.parse(row.violations),
    exemption: row.exemption ? JSON.parse(row.exemption) : null,
    revision: row.revision,
    project: row.project,
    builtAt: row.built_at,
    registeredAt: row.registered_at,
    registeredBy: row.registered_by,
    entityRef: row.entity_ref,
    owner: row.owner,
    fields: JSON.parse(row.fields),
    ...judged(row),
  };
}

function toPlatformBase(row: JoinedPlatform): PlatformBase {
  return {
    platform: row.platform,
    base: toBaseOf(row),
    freshness: row.freshness as PlatformBase['freshness'],
    support: row.support as PlatformBase['support'],
    eolDate: row.eol_date,
    status: row.status as PlatformBase['status'],
    violations: JSON.parse(row.violations),
  };
}

function toBaseOf(
  row: Pick<
    ApplicationTable,
    'base_reference' | 'base_digest' | 'base_name' | 'base_version'
  >,
): ApplicationRow['base'] {
  return row.base_reference
    ? {
        reference: row.base_reference,
        digest: row.base_digest,
        name: row.base_name,
        version: row.base_version,
      }
    : null;
}
