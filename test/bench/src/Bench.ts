/** What a benchmark found out. */
export interface BenchResult {
  /** measured, by name; the name ends with the unit */
  figures: Record<string, number>;
  /** ours divided by the peer's, or by what it is for */
  ratios: Record<string, number>;
}

/** One benchmark; `log` tells people how far it is. */
export type Bench = (log: (line: string) => void) => Promise<BenchResult>;
