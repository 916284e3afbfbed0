import { createHash } from 'node:crypto';

/** The two digest algorithms of the OCI image specification (descriptor.md, "Registered algorithms"). */
export type DigestAlgorithm = 'sha256' | 'sha512';

/** A digest taken apart: `algorithm:hex`. */
export interface Digest {
  algorithm: DigestAlgorithm;
  hex: string;
}

/** Reads `algorithm:hex`; undefined when it is no digest this registry can check. */
export function parseDigest(text: string): Digest | undefined {
  const match = /^(?:(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128}))$/.exec(
    text,
  );
  if (!match) {
    return undefined;
  }
  return match[1]
    ? { algorithm: 'sha256', hex: match[2] }
    : { algorithm: 'sha512', hex: match[4] };
}

/** The digest of bytes in memory, as `algorithm:hex`. */
export function digestOf(
  bytes: Uint8Array | string,
  algorithm: DigestAlgorithm = 'sha256',
): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
