/**
 * Recomputes what follows from stored state: support and status of every
 * mirror and base row, freshness of bases, and every verdict. Set-wise and
 * idempotent: calling it once too often changes nothing.
 */
export interface StatusRecomputer {
  /**
   * @param cause - for the transitions, such as `base published`
   * @param options - `recount`: whether all applications are counted anew;
   *   else the counts that registrations keep are trusted
   */
  recompute(cause: string, options?: { recount?: boolean }): Promise<void>;
}
