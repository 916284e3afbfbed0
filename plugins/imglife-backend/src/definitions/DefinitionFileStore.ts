import type { DefinitionFileTable } from '../database/tables';

/** What is known of the definition files: the last good content of each. */
export interface DefinitionFileStore {
  list(): Promise<DefinitionFileTable[]>;
  /**
   * Takes the turn to read a file, so that of several replicas one reads it.
   *
   * @param at - now, ISO 8601 UTC
   * @param dueBefore - it is due when last tried before that
   * @returns false when another has it
   */
  claim(url: string, at: string, dueBefore: string): Promise<boolean>;
  /** A content that is valid; the error, if any, is over. */
  recordContent(
    url: string,
    read: { content: string; etag?: string; at: string },
  ): Promise<void>;
  /** The file is as it was; the error, if any, is over. */
  recordUnchanged(url: string, at: string): Promise<void>;
  /** It could not be read or is faulty; the last good content stays. */
  recordError(url: string, error: string, at: string): Promise<void>;
}
