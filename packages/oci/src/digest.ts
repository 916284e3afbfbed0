import { createHash, Hash } from 'node:crypto';

/** `sha256:…` of these bytes (OCI image-spec descriptor.md, Digests). @public */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * A running hash of the digest's own algorithm.
 *
 * @throws Error - the algorithm is neither sha256 nor sha512
 * @public
 */
export function hashFor(digest: string): Hash {
  const algorithm = digest.slice(0, digest.indexOf(':'));
  if (algorithm !== 'sha256' && algorithm !== 'sha512') {
    throw new Error(`digest algorithm of ${digest} is not supported`);
  }
  return createHash(algorithm);
}

/** Whether the bytes have that digest. @public */
export function hasDigest(bytes: Uint8Array, digest: string): boolean {
  return digest.endsWith(`:${hashFor(digest).update(bytes).digest('hex')}`);
}
