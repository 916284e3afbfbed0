/** The value that so many percent of all do not exceed (nearest rank). */
export function percentile(
  values: ReadonlyArray<number>,
  percent: number,
): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1];
}
