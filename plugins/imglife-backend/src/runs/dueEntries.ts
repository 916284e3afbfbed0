import type { DefinitionTable } from '../database/tables';
import type { Schedule } from '../definitions/Definitions';

const FIRST_RETRY_MS = 30_000;

/** What {@link dueEntries} needs to know besides the declared entries. */
export interface DueInput {
  entries: DefinitionTable[];
  schedules: Record<DefinitionTable['kind'], Schedule>;
  /**
   * Newest change of what bases are built on, ISO 8601 UTC, by `mirror:name`
   * and `base:name`.
   */
  movedSources: ReadonlyMap<string, string>;
  /** the key of that by the base's name */
  sourceOfBase: ReadonlyMap<string, string>;
  now: Date;
}

/**
 * The declared entries whose work is due from stored state: never queued,
 * changed since, interval passed, mirror moved, or backoff over. An entry whose
 * last run failed waits for its backoff, unless its definition has changed.
 */
export function dueEntries(input: DueInput): DefinitionTable[] {
  const now = input.now.getTime();
  return input.entries.filter(entry => {
    if (
      !entry.queued_at &&
      (entry.kind === 'verify' || entry.kind === 'retention')
    ) {
      // the first sync has just written what there is to verify, and nothing is
      // deleted before there was time for a dry run
      const age = now - Date.parse(entry.since);
      return age >= input.schedules[entry.kind].frequencyMs;
    }
    if (!entry.queued_at || entry.queued_hash !== entry.hash) {
      return true;
    }
    if (entry.retry_at) {
      return Date.parse(entry.retry_at) <= now;
    }
    const queued = Date.parse(entry.queued_at);
    if (now - queued >= input.schedules[entry.kind].frequencyMs) {
      return true;
    }
    const source = input.sourceOfBase.get(entry.name);
    const moved =
      entry.kind === 'base' && source !== undefined
        ? input.movedSources.get(source)
        : undefined;
    return moved !== undefined && Date.parse(moved) > queued;
  });
}

/**
 * When a failed entry is tried again: 30 s, doubled with each failure in a
 * row, at most the entry's interval.
 *
 * @param failures - in a row, this one included; at least 1
 * @returns milliseconds
 */
export function retryDelayMs(failures: number, frequencyMs: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), frequencyMs);
}
