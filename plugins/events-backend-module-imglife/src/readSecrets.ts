import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

const MIN_LENGTH = 8;

/**
 * Reads `imglife.webhooks.secrets`.
 *
 * @throws InputError - one is so short that it can be guessed, such as the
 *   empty text of a variable that is not set
 */
export function readSecrets(config: Config): string[] {
  const path = 'imglife.webhooks.secrets';
  const secrets = config.getOptionalStringArray(path) ?? [];
  const short = secrets.findIndex(secret => secret.length < MIN_LENGTH);
  if (short >= 0) {
    throw new InputError(
      `${path}[${short}]: a secret has at least ${MIN_LENGTH} characters`,
    );
  }
  return secrets;
}
