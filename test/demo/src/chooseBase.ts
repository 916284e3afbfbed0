import { ImageRule } from './applications';

/** What the demo reads of a row of the portal's bases or mirrors. */
export interface ImageRow {
  reference: string;
  tag: string;
  digest: string | null;
  /** Name of a base; mirrors have none. */
  name?: string;
  cycle: string | null;
}

/** Compares tags by their numbers: `3.9.1-core1.0.0` before `3.10.0-core1.0.0`. */
export function compareByNumbers(a: string, b: string): number {
  const numbers = (text: string) => text.match(/\d+/g)?.map(Number) ?? [];
  const [x, y] = [numbers(a), numbers(b)];
  for (let at = 0; at < Math.max(x.length, y.length); at += 1) {
    const difference = (x[at] ?? -1) - (y[at] ?? -1);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** The published row that an application is built on; undefined when none fits. */
export function chooseBase(
  { name, cycle, pick }: ImageRule,
  rows: ImageRow[],
): ImageRow | undefined {
  const sorted = rows
    .filter(row => row.digest !== null)
    .filter(row =>
      row.name === undefined
        ? row.reference.endsWith(`/${name}:${row.tag}`)
        : row.name === name,
    )
    .filter(row => cycle === undefined || row.cycle === cycle)
    .sort((a, b) => compareByNumbers(a.tag, b.tag));
  return pick === 'oldest' ? sorted[0] : sorted[sorted.length - 1];
}
