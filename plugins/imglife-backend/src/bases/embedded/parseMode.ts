import { InputError } from '@backstage/errors';

/**
 * Permission bits of `--chmod`.
 *
 * @throws InputError - it is no octal number
 */
export function parseMode(text: string): number {
  if (!/^[0-7]{1,4}$/.test(text)) {
    throw new InputError(`--chmod=${text} is no octal number such as 0644`);
  }
  return parseInt(text, 8);
}
