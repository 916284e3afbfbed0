import type {
  Detection,
  Exemption,
} from '@imglife/backstage-plugin-imglife-common';
import type {
  Definitions,
  ExemptionDefinition,
} from '../definitions/Definitions';
import type { KnownImage } from './baseCandidates';
import type { ImageMapping, MappedImage } from './EntityMapper';

/** The image something stands on. */
export interface BaseFacts {
  /** `host/path[:tag]` */
  reference: string;
  digest?: string;
  name?: string;
  version?: string;
}

/** What a registration says, complete. Equal facts are one registration. */
export interface ApplicationFacts {
  /** `host/path` */
  repository: string;
  tag: string;
  digest?: string;
  platforms: string[];
  base?: BaseFacts;
  /** of an index whose platforms stand on different bases */
  platformBases?: Array<{
    /** `linux/arm64` */
    platform: string;
    base?: BaseFacts;
    tier: BaseUse['tier'];
  }>;
  detection: Detection;
  /** it has not the layers of what it says it is built on */
  squashed?: true;
  revision?: string;
  project?: string;
  declaredEntityRef?: string;
  fields: Record<string, string>;
  /** ISO 8601 UTC */
  builtAt?: string;
}

/** What an image stands on, as it is judged. */
export interface BaseUse {
  /** `host/path[:tag]`; empty = FROM scratch; `?` = unknown */
  reference: string;
  digest: string;
  tier: 'bases' | 'mirrors' | 'other' | 'none';
}

/** Facts with what they mean and who brought them. */
export interface NewRegistration {
  facts: ApplicationFacts;
  use: BaseUse;
  exemption?: Exemption;
  /** of each of `facts.platformBases` */
  platformExemptions?: Array<Exemption | undefined>;
  mapping: ImageMapping;
  actor: string;
  now: Date;
  current: Definitions['applications']['current'];
  /** found by a scan; never takes the place of what was registered */
  discovered?: boolean;
}

/** A tag of a repository as it is recorded. */
export interface KnownTag {
  tag: string;
  digest?: string;
  discovered: boolean;
  confidence: Detection['confidence'];
  /** who registered it */
  actor: string;
}

/** What is looked up in the chain index. */
export interface KnownImageQuery {
  chainIds: string[];
  digests: string[];
  /** `host/path:tag` */
  references: Array<{ repository: string; tag?: string }>;
}

/** Registrations, their history, and the chain index they are matched with. */
export interface ApplicationStore {
  /** One query, whatever the number of layers and platforms. */
  findKnownImages(query: KnownImageQuery): Promise<KnownImage[]>;
  /** What the newest registration of that image said. */
  findFacts(
    repository: string,
    tag: string,
  ): Promise<ApplicationFacts | undefined>;
  /** The project that an image of that repository was last registered for. */
  findProject(repository: string): Promise<string | undefined>;
  /**
   * Stores a registration, its history and what it stands on, in one
   * transaction; the repository's current rows are chosen anew.
   *
   * @returns `created` = these facts are new; `usesChanged` = a base use that
   *   was not judged before
   */
  register(
    registration: NewRegistration,
  ): Promise<{ created: boolean; usesChanged: boolean }>;
  /**
   * Removes the row of an image; what was registered stays in the history, and
   * the repository's current rows are chosen anew.
   *
   * @returns false when there is no such row
   */
  forget(
    image: { repository: string; tag: string },
    rule: Pick<NewRegistration, 'current' | 'now'>,
  ): Promise<boolean>;
  /** Every repository that has a row, `host/path`. */
  repositories(): Promise<string[]>;
  /** The rows of one repository. */
  tagsOf(repository: string): Promise<KnownTag[]>;
  /**
   * Rows whose tag is not present are gone, those that are present again come
   * back, and the repository's current rows are chosen anew.
   */
  settle(
    repository: string,
    present: ReadonlySet<string>,
    rule: Pick<NewRegistration, 'current' | 'now'>,
  ): Promise<{ gone: string[]; back: string[] }>;
  /** Gives every row the exemption of now; returns how many changed. */
  exempt(exemptions: ExemptionDefinition[], now: Date): Promise<number>;
  /** @param before - ISO 8601 UTC; rows built earlier are no longer current */
  retireBuiltBefore(before: string): Promise<number>;
  /** Gives every row the mapping of its image; returns how many changed. */
  remap(map: (image: MappedImage) => ImageMapping): Promise<number>;
}
