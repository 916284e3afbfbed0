import { parseTag, versionKey } from '@imglife/backstage-plugin-imglife-common';
import type { BaseTagTable } from '../database/tables';
import type { MirrorTag } from './planBuilds';

function toSource(row: BaseTagTable): MirrorTag {
  return {
    repository: row.repository,
    tag: row.upstream_version,
    sourceTag: row.tag,
    family: row.family,
    versionKey: versionKey(parseTag(row.upstream_version)),
    digest: row.digest ?? '',
    platforms: JSON.parse(row.platforms),
    imageCreated: row.image_created ?? undefined,
    product: row.product ?? undefined,
    cycle: row.cycle ?? undefined,
    osProduct: row.os_product ?? undefined,
    osCycle: row.os_cycle ?? undefined,
  };
}

/**
 * What a base that is built on a base may follow: of each upstream tag the
 * newest core version. A base built on it keeps the upstream tag, so that its
 * own tag is `3.21.3-core1.0.0` and not a tag of a tag.
 *
 * @param rows - published and not withdrawn
 * @param pinned - a tag of the base that stands for itself
 */
export function baseSourceTags(
  rows: ReadonlyArray<BaseTagTable>,
  pinned?: string,
): MirrorTag[] {
  const exact = rows.find(({ tag }) => tag === pinned);
  if (exact) {
    return [toSource(exact)];
  }
  const newest = new Map<string, BaseTagTable>();
  for (const row of rows) {
    const other = newest.get(row.upstream_version);
    if (!other || other.version_key < row.version_key) {
      newest.set(row.upstream_version, row);
    }
  }
  return [...newest.values()].map(toSource);
}

/** `host/path:tag` of what a base is built on. */
export function sourceReference(source: MirrorTag): string {
  return `${source.repository}:${source.sourceTag ?? source.tag}`;
}
