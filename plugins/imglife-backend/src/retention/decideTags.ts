import type { RetentionRules } from '../definitions/Definitions';
import { tagPattern } from '../mirrors/tagPattern';

const DAY_MS = 86_400_000;

/** A tag that is there, as the rules look at it. */
export interface RetainedTag {
  tag: string;
  /** tags are compared within it; empty for those without a version */
  family: string;
  /** undefined: not known, and the family is one cycle */
  cycle?: string;
  /** byte order is version order; empty without a version */
  versionKey: string;
  /** our pull, build or registration, ISO 8601; undefined: not known */
  publishedAt?: string;
  /** a withdrawn base takes up no place, and is the newest of nothing */
  isWithdrawn?: boolean;
  /** what else needs it, in words, such as `is selected by its mirror` */
  needs: string[];
}

/** What the rules say of a tag, and why. */
export interface TagDecision {
  tag: string;
  removable: boolean;
  /** what keeps it, all of it; else why it may go */
  reasons: string[];
}

/** A place among the tags it is compared with; 1 is the newest. */
interface Place {
  inGroup?: number;
  isNewest: boolean;
}

/**
 * Which tags of one repository may go (domain, Retention): only those past
 * `keepLast` and older than `maxAgeDays` both, that no pattern protects, that
 * nothing needs, and that are not the newest of their family and cycle. A tag
 * of unknown age stays.
 *
 * @returns one decision for each tag, in their order
 */
export function decideTags(
  tags: ReadonlyArray<RetainedTag>,
  rules: RetentionRules,
  now: Date,
): TagDecision[] {
  const places = placesOf(tags, rules.per);
  const patterns = rules.protect.map(text => ({
    text,
    pattern: tagPattern(text),
  }));
  return tags.map(tag => {
    const place = places.get(tag)!;
    const age = ageOf(tag, now);
    const protectedBy = patterns.find(({ pattern }) =>
      pattern.matches(tag.tag),
    );
    const keeps = [
      ...tag.needs,
      protectedBy && `is protected by ${JSON.stringify(protectedBy.text)}`,
      place.isNewest && `is the newest of its ${groupWords(tag, 'cycle')}`,
      place.inGroup !== undefined &&
        place.inGroup <= rules.keepLast &&
        `is number ${place.inGroup} of its ${groupWords(tag, rules.per)}, ${
          rules.keepLast
        } are kept`,
      youth(age, rules.maxAgeDays),
    ].filter(reason => typeof reason === 'string');
    return keeps.length
      ? { tag: tag.tag, removable: false, reasons: keeps }
      : {
          tag: tag.tag,
          removable: true,
          reasons: whyItGoes(tag, place, age!, rules),
        };
  });
}

function whyItGoes(
  tag: RetainedTag,
  { inGroup }: Place,
  age: number,
  rules: RetentionRules,
): string[] {
  return [
    inGroup === undefined
      ? 'is withdrawn'
      : `is number ${inGroup} of its ${groupWords(tag, rules.per)}`,
    `is ${Math.floor(age)} days old`,
  ];
}

function youth(
  age: number | undefined,
  maxAgeDays: number,
): string | undefined {
  if (age === undefined) {
    return 'its age is not known';
  }
  return age > maxAgeDays
    ? undefined
    : `is ${Math.max(0, Math.floor(age))} days old, ${maxAgeDays} are kept`;
}

/** In days. */
function ageOf({ publishedAt }: RetainedTag, now: Date): number | undefined {
  const at = publishedAt === undefined ? NaN : Date.parse(publishedAt);
  return Number.isNaN(at) ? undefined : (now.getTime() - at) / DAY_MS;
}

function groupWords(
  { cycle, family, versionKey }: RetainedTag,
  per: RetentionRules['per'],
): string {
  if (versionKey === '') {
    return 'tags without a version';
  }
  // behind the number of version parts
  const name = family.slice(family.indexOf('|') + 1);
  return per === 'cycle' && cycle !== undefined
    ? `cycle ${cycle}`
    : `family${name && ` ${name}`}`;
}

function placesOf(
  tags: ReadonlyArray<RetainedTag>,
  per: RetentionRules['per'],
): Map<RetainedTag, Place> {
  const ranked = tags.filter(tag => !tag.isWithdrawn).sort(newestFirst);
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  const places = new Map<RetainedTag, Place>(
    tags.map(tag => [tag, { isNewest: false }]),
  );
  for (const tag of ranked) {
    const group = keyOf(tag, per);
    const cycle = keyOf(tag, 'cycle');
    const inGroup = (counts.get(group) ?? 0) + 1;
    counts.set(group, inGroup);
    places.set(tag, { inGroup, isNewest: !seen.has(cycle) });
    seen.add(cycle);
  }
  return places;
}

function keyOf(
  { family, cycle, versionKey }: RetainedTag,
  per: RetentionRules['per'],
): string {
  // they are not to be ordered by version, and compete by their age alone
  if (versionKey === '') {
    return '';
  }
  return JSON.stringify(per === 'cycle' ? [family, cycle ?? null] : [family]);
}

/** By version, then by time: of the unknown the unknown first, so that it stays. */
function newestFirst(a: RetainedTag, b: RetainedTag): number {
  return (
    compare(b.versionKey, a.versionKey) ||
    compare(b.publishedAt ?? '~', a.publishedAt ?? '~') ||
    compare(b.tag, a.tag)
  );
}

function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
