import { versionKey, parseTag } from '@imglife/backstage-plugin-imglife-common';
import { InputError } from '@backstage/errors';

/** A tag (OCI distribution-spec, "Pulling manifests"). */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const VARIABLE = /\{\{\s*(upstreamTag|coreVersion)\s*\}\}/;
const CORE_VERSION_PARTS = 3;

/** The two halves of a base's tag. */
export interface BaseTagParts {
  /** the mirrored tag, such as `3.21.3` */
  upstreamTag: string;
  /** the organisation's version, `\d+(\.\d+){0,2}` */
  coreVersion: string;
}

/**
 * The tag of a base.
 *
 * @param tagFormat - a valid `tagFormat`, such as
 *   `{{ upstreamTag }}-core{{ coreVersion }}`
 * @throws InputError - the result is no tag, most likely too long
 */
export function formatBaseTag(tagFormat: string, parts: BaseTagParts): string {
  const tag = tagFormat.replace(
    new RegExp(VARIABLE, 'g'),
    (_, name: keyof BaseTagParts) => parts[name],
  );
  if (!TAG.test(tag)) {
    throw new InputError(
      `The tag format "${tagFormat}" gives "${tag}", which is no tag of at most 128 letters, digits, ".", "_" and "-"; shorten imglife.bases.tagFormat`,
    );
  }
  return tag;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * Reads a base's tag back: anchored at the end, rightmost match, so that an
 * upstream tag may itself hold the text between the two. Only for tags there
 * is no record of.
 *
 * @returns undefined when the tag was not made by that format
 */
export function invertBaseTag(
  tagFormat: string,
  tag: string,
): BaseTagParts | undefined {
  const [before, first, between, , after] = tagFormat.split(
    new RegExp(VARIABLE, 'g'),
  );
  const [upstream, core] = [
    '(?<upstreamTag>.+)',
    '(?<coreVersion>\\d+(?:\\.\\d+){0,2})',
  ];
  const [left, right] =
    first === 'upstreamTag' ? [upstream, core] : [core, upstream];
  const pattern = `^${escapePattern(before)}${left}${escapePattern(
    between,
  )}${right}${escapePattern(after)}$`;
  const groups = new RegExp(pattern).exec(tag)?.groups;
  if (!groups || !TAG.test(groups.upstreamTag)) {
    return undefined;
  }
  return { upstreamTag: groups.upstreamTag, coreVersion: groups.coreVersion };
}

// Each number led by its count of digits: byte order is then number order.
function coreVersionKey(coreVersion: string): string {
  const parts = coreVersion.split('.');
  return Array.from({ length: CORE_VERSION_PARTS }, (_, index) => {
    const digits = (parts[index] ?? '0').replace(/^0+(?=\d)/, '');
    return `${String(digits.length).padStart(3, '0')}${digits}`;
  }).join('');
}

/**
 * Orders two core versions by their numbers; a missing one counts as 0.
 *
 * @returns negative when `a` is older
 */
export function compareCoreVersions(a: string, b: string): number {
  const [left, right] = [coreVersionKey(a), coreVersionKey(b)];
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}

/**
 * Byte order of the keys is the order of bases within a family: by upstream
 * tag, then by core version.
 */
export function baseVersionKey(
  upstreamTag: string,
  coreVersion: string,
): string {
  // a space sorts before whatever a longer upstream key goes on with
  return `${versionKey(parseTag(upstreamTag))} ${coreVersionKey(coreVersion)}`;
}
