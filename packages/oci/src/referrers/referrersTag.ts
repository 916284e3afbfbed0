/**
 * Tag under which a registry without the referrers API keeps an index of them
 * (OCI distribution-spec, "Referrers Tag Schema"): algorithm and digest, cut to
 * 32 and 64 characters.
 */
export function referrersTag(digest: string): string {
  const [algorithm, hex] = digest.split(':');
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}
