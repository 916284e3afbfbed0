import { InputError } from '@backstage/errors';
import {
  formatRepository,
  InvalidReferenceError,
  parseRepository,
} from '@imglife/oci';
import type { RepositoryName } from './Definitions';

/**
 * Reads `host/path` by the reference grammar.
 *
 * @throws InputError - names the bad part
 */
export function readRepository(text: string): RepositoryName {
  if (/^[a-z]+:\/\//i.test(text)) {
    throw new InputError('must not start with a scheme such as https://');
  }
  if (text.includes('@')) {
    throw new InputError(
      'must hold no "@": neither a digest nor user and password belong here',
    );
  }
  try {
    const { registry, repository } = parseRepository(text);
    return { registry, repository };
  } catch (error) {
    if (error instanceof InvalidReferenceError) {
      throw new InputError(`is no repository (host/path): ${error.message}`);
    }
    throw error;
  }
}

/**
 * Reads `host[:port]`, normalised as in a reference.
 *
 * @throws InputError - it is none
 */
export function readHost(text: string): string {
  const { registry, repository } = readRepository(`${text}/probe/probe`);
  if (repository !== 'probe/probe') {
    throw new InputError(
      'must be host[:port] without a path, such as registry.example.com or localhost:5000',
    );
  }
  return registry;
}

/**
 * Reads another name of a registry: `host[:port]`, or that with a path.
 *
 * @throws InputError - it is neither
 */
export function readAlias(text: string): string {
  if (!text.includes('/')) {
    return readHost(text);
  }
  return formatRepository(readRepository(`${text}/probe`)).slice(
    0,
    -'/probe'.length,
  );
}
