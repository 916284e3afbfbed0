import { createHash } from 'node:crypto';

// RFC 9562, appendix A: the namespace of URLs
const URLS = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');
const LENGTH = 16;

/**
 * A UUID that is the same for the same name (RFC 9562, version 5), where a
 * format wants one and a random one would make every document another.
 */
export function uuidOf(name: string): string {
  const bytes = createHash('sha1')
    .update(URLS)
    .update(name)
    .digest()
    .subarray(0, LENGTH);
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
