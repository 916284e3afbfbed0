import { InputError } from '@backstage/errors';
import type { HttpBodyParser } from '@backstage/plugin-events-node';

/**
 * Reads the body of a registry's notification: JSON in UTF-8 under a media type
 * of its own.
 *
 * @throws InputError - it is no JSON
 */
export const parseNotification: HttpBodyParser = async request => {
  const bodyBuffer: Buffer = request.body;
  try {
    const bodyParsed = JSON.parse(bodyBuffer.toString('utf8'));
    return { bodyParsed, bodyBuffer, encoding: 'utf-8' };
  } catch {
    throw new InputError('the notification is no JSON');
  }
};
