import { RegistryError } from '../errors';

// OCI distribution-spec, "Error Codes"; Harbor says the last
const ABSENT = ['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'NOT_FOUND'];

/**
 * Whether a registry has said that there is no such thing. A 404 without its
 * code may come from anything in between, and nothing is gone by it.
 */
export function saysAbsent(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    error.status === 404 &&
    ABSENT.includes(error.code ?? '')
  );
}
