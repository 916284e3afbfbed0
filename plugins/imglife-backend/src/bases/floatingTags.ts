import { parseTag } from '@imglife/backstage-plugin-imglife-common';
import type { BaseTag } from './BaseStore';

const VARIABLE = /\{\{\s*(\w+)\s*\}\}/g;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

function suffixOf({ upstreamTag }: BaseTag): string {
  const { suffixName } = parseTag(upstreamTag);
  return suffixName && `-${suffixName}`;
}

function render(format: string, row: BaseTag): string | undefined {
  const values = { cycle: row.cycle, suffix: suffixOf(row) };
  const names = [...format.matchAll(VARIABLE)].map(([, name]) => name);
  if (names.some(name => values[name as 'cycle'] === undefined)) {
    return undefined;
  }
  const tag = format.replace(VARIABLE, (_, name) => values[name as 'suffix']);
  return TAG.test(tag) ? tag : undefined;
}

function isNewer(a: BaseTag, b: BaseTag): boolean {
  const [left, right] = [suffixOf(a).length, suffixOf(b).length];
  return left === right ? a.versionKey > b.versionKey : left < right;
}

/**
 * The published base that each floating tag stands for: the newest of those
 * that give the same tag, plain ones before those with a suffix. A withdrawn
 * base is none of them, and no tag of a base's own is taken.
 *
 * @param formats - such as `latest` and `{{ cycle }}{{ suffix }}-core`
 * @param rows - every tag of one base
 */
export function floatingTags(
  formats: ReadonlyArray<string>,
  rows: ReadonlyArray<BaseTag>,
): Map<string, BaseTag> {
  const found = new Map<string, BaseTag>();
  const own = new Set(rows.map(({ tag }) => tag));
  const candidates = rows.filter(row => row.digest && !row.withdrawal);
  for (const row of candidates) {
    for (const format of formats) {
      const tag = render(format, row);
      const other = tag === undefined ? undefined : found.get(tag);
      if (tag && !own.has(tag) && (!other || isNewer(row, other))) {
        found.set(tag, row);
      }
    }
  }
  return found;
}
