import type { DefinitionTable } from '../database/tables';

/** What kind of work a definition asks for. */
export type DefinitionKind = DefinitionTable['kind'];

/** One definition as it is declared now. */
export interface DeclaredDefinition {
  kind: DefinitionKind;
  /** unique within the kind */
  name: string;
  /** differs when anything declared differs */
  hash: string;
  /** where it comes from, such as `imglife.mirrors.entries[0]` */
  source: string;
}

/** What is declared now, and when its work was queued and ended. */
export interface DefinitionStore {
  /**
   * Makes the stored definitions those given: new ones are added, others
   * keep `since` and their failures unless the hash differs, and what is no
   * longer declared is removed.
   */
  declare(entries: DeclaredDefinition[]): Promise<void>;
  /** All of them, by kind and name. */
  list(): Promise<DefinitionTable[]>;
  /** @param at - ISO 8601 UTC */
  markQueued(
    kind: DefinitionKind,
    name: string,
    hash: string,
    at: string,
  ): Promise<void>;
  /** A good end clears the failures, a bad one counts. Instants ISO 8601 UTC. */
  markFinished(
    kind: DefinitionKind,
    name: string,
    end: { ok: boolean; at: string; retryAt?: string },
  ): Promise<void>;
}
