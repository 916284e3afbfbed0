import { formatRepository, parseReference } from '@imglife/oci';
import type { RepositoryName } from '../definitions/Definitions';
import { baseDigestKey, baseNameKey } from './imageFacts';

/** A base as someone names it: a pipeline, an annotation or a label. */
export interface NamedBase {
  /** `host/path`; undefined when only a digest is given */
  repository?: string;
  /** undefined when only a digest tells which */
  tag?: string;
  digest?: string;
}

/** `FROM scratch`: the image stands on nothing. */
export type ScratchBase = 'scratch';

/** Replaces an alias of a registry by its own name. */
export type Canonical = (name: RepositoryName) => RepositoryName;

/**
 * Reads the name of a base. A name without a tag stays without one: digest or
 * layers tell which it is.
 *
 * @param name - a reference, or `scratch`
 * @param digest - given beside the name
 * @throws InvalidReferenceError - the name is no reference
 */
export function parseNamedBase(
  name: string,
  digest: string | undefined,
  canonical: Canonical,
): NamedBase | ScratchBase {
  if (name === 'scratch') {
    return 'scratch';
  }
  const text = digest && !name.includes('@') ? `${name}@${digest}` : name;
  const reference = parseReference(text);
  const implied = reference.tag === 'latest' && !text.includes(':latest');
  return {
    repository: formatRepository(canonical(reference)),
    tag: implied ? undefined : reference.tag,
    digest: reference.digest,
  };
}

/**
 * The base that annotations or labels name (OCI image-spec annotations.md:
 * `org.opencontainers.image.base.name`, `…base.digest`); undefined when they
 * name none, or nothing that can be read. Buildah writes both empty for
 * `FROM scratch`.
 */
export function namedBaseOf(
  values: Record<string, string>,
  canonical: Canonical,
): NamedBase | ScratchBase | undefined {
  const name = values[baseNameKey]?.trim();
  const digest = values[baseDigestKey]?.trim();
  if (name === '' && !digest) {
    return 'scratch';
  }
  if (!name) {
    return digest ? { digest } : undefined;
  }
  try {
    return parseNamedBase(name, digest || undefined, canonical);
  } catch {
    return undefined;
  }
}
