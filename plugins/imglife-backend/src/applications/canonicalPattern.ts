import { formatRepository, parseReference } from '@imglife/oci';
import type { Canonical } from './namedBase';

/**
 * An image as people write it in an annotation, made comparable with
 * `host/path`: tag left out, host in lower case and without alias. `*` stays.
 * What is no reference stays as it is, and matches nothing.
 */
export function canonicalPattern(
  pattern: string,
  canonical: Canonical,
): string {
  if (pattern.includes('*')) {
    const [host, ...path] = pattern.split('/');
    const name = { registry: host.toLowerCase(), repository: path.join('/') };
    return path.length > 0 ? formatRepository(canonical(name)) : pattern;
  }
  try {
    return formatRepository(canonical(parseReference(pattern)));
  } catch {
    return pattern;
  }
}
