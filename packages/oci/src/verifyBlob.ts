import { DigestMismatchError } from './errors';
import type { Descriptor } from './manifests';
import { VerifyingStream } from './VerifyingStream';

/**
 * A stream that passes a blob of a repository through and fails with
 * DigestMismatchError, before the last chunk, when it is not what its
 * descriptor says.
 */
export function verifyBlob(
  at: { host: string; repository: string },
  { digest, size }: Descriptor,
  onBytes?: (count: number) => void,
): VerifyingStream {
  const stream = VerifyingStream.create({
    digest,
    size,
    onBytes,
    mismatch: problem =>
      new DigestMismatchError(`the blob is not what was promised: ${problem}`, {
        ...at,
        reference: digest,
      }),
  });
  // who reads it hears of it, now or when it begins to read
  return stream.on('error', () => {});
}
