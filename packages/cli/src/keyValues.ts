import { UsageError } from './UsageError';

/**
 * Reads repeated `K=V` options; a key without `=` takes the value of the
 * environment variable of that name, as `docker build --build-arg` does.
 *
 * @throws UsageError - an empty key, or a variable that is not set
 */
export function keyValues(
  option: string,
  texts: string[],
  env: Record<string, string | undefined>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = equals === -1 ? text : text.slice(0, equals);
    const value = equals === -1 ? env[key] : text.slice(equals + 1);
    if (!key || value === undefined) {
      throw new UsageError(
        `${option} ${JSON.stringify(text)}: expected NAME=VALUE`,
      );
    }
    result[key] = value;
  }
  return result;
}
