import { createHash, type Hash } from 'node:crypto';

const HEX_LENGTH: Record<string, number> = { sha256: 64, sha512: 128 };

/** Hash algorithms of the OCI image-spec, descriptor.md "Registered algorithms". */
export type DigestAlgorithm = 'sha256' | 'sha512';

/** `sha256:…` (or `sha512:…`) of some bytes. */
export function digestOf(
  bytes: Uint8Array,
  algorithm: DigestAlgorithm = 'sha256',
): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/**
 * What is wrong with a digest (OCI image-spec, descriptor.md "Digests"), or
 * undefined when it is well formed and of a registered algorithm.
 */
export function digestProblem(digest: string): string | undefined {
  const colon = digest.indexOf(':');
  if (colon < 1) {
    return `digest '${digest}' is not of the form algorithm:hex`;
  }
  const algorithm = digest.slice(0, colon);
  const length = Object.hasOwn(HEX_LENGTH, algorithm)
    ? HEX_LENGTH[algorithm]
    : undefined;
  if (length === undefined) {
    return `digest algorithm '${algorithm}' is not supported, only sha256 and sha512 are`;
  }
  const encoded = digest.slice(colon + 1);
  if (encoded.length !== length || !/^[0-9a-f]+$/.test(encoded)) {
    return `digest '${digest}' needs ${length} lower case hex digits after '${algorithm}:'`;
  }
  return undefined;
}

/** Whether the text is a well formed sha256 or sha512 digest. */
export function isDigest(text: string): boolean {
  return digestProblem(text) === undefined;
}

/** Algorithm of a well formed digest. Throws an Error for any other text. */
export function digestAlgorithm(digest: string): DigestAlgorithm {
  const problem = digestProblem(digest);
  if (problem) {
    throw new Error(problem);
  }
  return digest.slice(0, digest.indexOf(':')) as DigestAlgorithm;
}

/** A running hash of the digest's algorithm. Throws as digestAlgorithm does. */
export function hashFor(digest: string): Hash {
  return createHash(digestAlgorithm(digest));
}
