import type { RegistryClient } from '@imglife/oci';

/** What not every registry does; a row of the client table may need it. */
export type Capability =
  | 'write'
  | 'delete'
  | 'mount'
  | 'sign-in'
  | 'unknown-digests';

/** A registry that the table of client tests runs on. */
export interface RegistryVariant {
  client: RegistryClient;
  /** Writes what `client` then reads: the same, or the registry behind a cache. */
  writer: RegistryClient;
  /** The same registry with a wrong password. */
  stranger?: RegistryClient;
  /** `host:port` of the registry */
  host: string;
  /** Options of skopeo with which it reaches the registry, as source and as destination */
  skopeo: { source: string[]; destination: string[]; inspect: string[] };
  stop(): Promise<void>;
}

/** How a variant is started, and what it lacks. */
export interface VariantPlan {
  name: string;
  /** Why it lacks a capability; what is not named it has. */
  lacks: Partial<Record<Capability, string>>;
  start(folder: string): Promise<RegistryVariant>;
}
