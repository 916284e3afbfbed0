/**
 * Tag under which a registry without the referrers API keeps an index of them
 * (OCI distribution-spec, "Referrers Tag Schema"): algorithm and digest, cut to
 * 32 and 64 characters.
 */
export function referrersTag(digest: string): string {
  const [algorithm, hex] = digest.split(':');
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}

/**
 * Whether a tag belongs to an image by its name: cosign's `sha256-….sig`,
 * `.att` and `.sbom`, and whatever else follows the same rule. The referrers
 * tag itself is not one: it is an index that is kept, not copied.
 */
export function isDigestTag(tag: string, digest: string): boolean {
  return tag.startsWith(`${digest.replace(':', '-')}.`);
}
