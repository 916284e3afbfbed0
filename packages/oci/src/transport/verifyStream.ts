import { Transform } from 'node:stream';
import { DigestMismatchError, RegistryErrorOptions } from '../errors';
import { hashFor } from '../digest';
import type { Descriptor } from '../manifests';

/**
 * Passes bytes on and fails at the end, or as soon as there are too many, when
 * they are not what the descriptor says.
 *
 * @param where - for the error's message
 * @param onBytes - told of each chunk's length
 */
export function verifyStream(
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  where: RegistryErrorOptions,
  onBytes?: (count: number) => void,
): Transform {
  const hash = hashFor(descriptor.digest);
  let size = 0;
  const mismatch = (message: string) =>
    new DigestMismatchError(message, { ...where, retryable: true });
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      size += chunk.length;
      if (size > descriptor.size) {
        callback(
          mismatch(
            `blob is longer than the ${descriptor.size} bytes described`,
          ),
        );
        return;
      }
      hash.update(chunk);
      onBytes?.(chunk.length);
      callback(null, chunk);
    },
    flush(callback) {
      if (size !== descriptor.size) {
        callback(
          mismatch(`blob ended after ${size} of ${descriptor.size} bytes`),
        );
      } else if (!descriptor.digest.endsWith(`:${hash.digest('hex')}`)) {
        callback(mismatch('blob has another digest than described'));
      } else {
        callback();
      }
    },
  });
}
