const NAME =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/**
 * Whether a text is a repository name (distribution-spec, "Pulling manifests":
 * the `<name>` grammar; at most 255 characters). No such name has `..`, an
 * empty segment, or a segment that starts with `_`, so that it is safe as a
 * relative path.
 */
export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && NAME.test(text);
}

/** Whether a text is a tag (distribution-spec, "Pulling manifests": the `<reference>` grammar). */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/**
 * Orders tags and repositories lexically, which the distribution
 * specification ("Content discovery") reads as regardless of case; names that
 * differ in case only are ordered by code unit.
 */
export function compareNames(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  if (x !== y) {
    return x < y ? -1 : 1;
  }
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
