/**
 * SQL of a list of ids, in brackets: literals, for the planner to know how many
 * they are, and for no driver's limit of values to be met.
 *
 * @throws TypeError - one is no whole number
 */
export function idList(ids: readonly number[]): string {
  if (!ids.every(Number.isSafeInteger)) {
    throw new TypeError(`ids are whole numbers: ${ids}`);
  }
  return `(${ids.length ? ids.join(',') : 'NULL'})`;
}
