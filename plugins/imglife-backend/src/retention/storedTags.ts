import { parseTag, versionKey } from '@imglife/backstage-plugin-imglife-common';
import type {
  ApplicationTable,
  BaseTagTable,
  MirrorTagTable,
} from '../database/tables';
import type { StoredTag } from './RetentionStore';

/** What is known of a repository's tags beside their rows, by tag. */
export interface KnownOfTags {
  /** when they were last brought back from an archive */
  restored: ReadonlyMap<string, string>;
  /** every digest they ever had */
  digests: ReadonlyMap<string, string[]>;
}

/** A row of `mirror_tag` that has a digest. */
export function fromMirror(row: MirrorTagTable, known: KnownOfTags): StoredTag {
  return {
    ...common(row, row.pulled_at, known),
    family: row.family,
    cycle: row.cycle ?? row.os_cycle ?? undefined,
    versionKey: row.version_key,
    isWithdrawn: false,
    isCurrent: Boolean(row.selected),
    cleared: {
      digest: row.digest,
      upstream_digest: row.upstream_digest,
      // another sync says whether its rules select it
      state: 'current',
    },
  };
}

/** A row of `base_tag` that has a digest. */
export function fromBase(row: BaseTagTable, known: KnownOfTags): StoredTag {
  return {
    ...common(row, row.built_at ?? row.published_at, known),
    family: row.family,
    cycle: row.cycle ?? row.os_cycle ?? undefined,
    versionKey: row.version_key,
    isWithdrawn: row.withdrawal !== null,
    isCurrent: false,
    cleared: {
      digest: row.digest,
      input_hash: row.input_hash,
      inputs: row.inputs,
      state: row.withdrawal === null ? 'published' : 'withdrawn',
    },
  };
}

/** A row of `application` that has a digest. */
export function fromApplication(
  row: ApplicationTable,
  known: KnownOfTags,
): StoredTag {
  const parsed = parseTag(row.tag);
  return {
    ...common(row, row.built_at ?? row.registered_at, known),
    family: parsed.family,
    versionKey: versionKey(parsed),
    isWithdrawn: false,
    isCurrent: row.state === 'current',
    // which tag is current is chosen by registrations and scans
    cleared: { state: 'earlier' },
  };
}

function common(
  row: { id: number; tag: string; digest: string | null },
  at: string | null,
  { restored, digests }: KnownOfTags,
) {
  const instants = [at, restored.get(row.tag)].filter(
    instant => typeof instant === 'string',
  );
  return {
    id: row.id,
    tag: row.tag,
    digest: row.digest!,
    publishedAt: instants.sort().at(-1),
    digests: [...new Set([row.digest!, ...(digests.get(row.tag) ?? [])])],
  };
}
