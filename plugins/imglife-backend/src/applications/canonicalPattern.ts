import { formatRepository, parseReference } from '@imglife/oci';
import type { Canonical } from './namedBase';

/** At the end of a path: a tag, a digest or both. */
const TAG = /(:[^/:@]*)?(@[^/@]*)?$/;

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
    const repository = path.join('/').replace(TAG, '');
    const name = { registry: host.toLowerCase(), repository };
    return path.length > 0 ? formatRepository(canonical(name)) : pattern;
  }
  try {
    return formatRepository(canonical(parseReference(pattern)));
  } catch {
    return pattern;
  }
}
