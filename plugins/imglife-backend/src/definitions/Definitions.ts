import type {
  BaseKind,
  FailOn,
} from '@imglife/backstage-plugin-imglife-common';

/** `host[:port]` and path, normalised as `@imglife/oci` does. */
export interface RepositoryName {
  registry: string;
  repository: string;
}

/** How to reach one registry host (`imglife.registries[]`). */
export interface RegistryDefinition {
  host: string;
  /** other names of the same content, replaced before every comparison */
  aliases: string[];
  /** exactly one way; absent: anonymous */
  auth?:
    | { username: string; password: string }
    | { token: string }
    | { dockerConfig: true }
    | { credentialHelper: string };
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
  insecure: boolean;
  /** most requests at a time */
  concurrency: number;
  /** undefined: no limit */
  requestsPerSecond?: number;
}

/** When due work is queued; both in milliseconds. */
export interface Schedule {
  frequencyMs: number;
  /** limits one run */
  timeoutMs: number;
}

/** Which upstream tags a mirror takes (`tags`), see the tag rules. */
export interface TagSelection {
  names: string[];
  /** whole-tag pattern, RE2 syntax */
  regex?: string;
  /** `supported`, `all`, or the number of newest cycles */
  cycles: 'supported' | 'all' | number;
  keepLast?: number;
  /** undefined: `cycle` where a lifecycle is known, else `family` */
  per?: 'cycle' | 'family' | 'repository';
  /** range over the version, as npm's `semver` reads it */
  semver?: string;
  /** whole-tag patterns of what is not taken, RE2 syntax */
  exclude?: string[];
  /** whether prereleases are taken; undefined: false */
  prereleases?: boolean;
  /** youngest age that is taken, in milliseconds */
  minAgeMs?: number;
  /** fewer selected tags than this are a fault of the round */
  atLeast?: number;
  /** template of the tag at the target; undefined: the same */
  targetTag?: string;
}

/** One entry of `imglife.mirrors.entries`. */
export interface MirrorDefinition {
  /** the target path under `tiers.mirrors`; unique */
  name: string;
  /** where it was declared, such as `imglife.mirrors.entries[0]` */
  configPath: string;
  source: RepositoryName;
  target: RepositoryName;
  tags: TagSelection;
  lifecycle: { product?: string; extendedSupport: boolean };
  /** normalised; undefined: every platform */
  platforms?: string[];
  /** whether signatures, SBOMs and the like travel too; undefined: true */
  referrers?: boolean;
  /** whole-tag pattern of tags that are never overwritten, RE2 syntax */
  immutable?: string;
  /** told of changes; http and https */
  webhooks?: string[];
  /** sha256 of the entry as declared, defaults and target included */
  hash: string;
}

/** What a base follows (`from`). */
export type BaseSource = (
  | {
      /** name of the mirror */
      mirror: string;
      base?: undefined;
    }
  | {
      /** name of another base */
      base: string;
      mirror?: undefined;
    }
) &
  (
    | { tag: string }
    | {
        track: 'latest-per-cycle' | 'latest' | 'all';
        /** undefined: every cycle that is mirrored */
        cycles?: 'supported' | 'all' | number;
      }
  );

/** One entry of `imglife.bases.entries`. */
export interface BaseDefinition {
  /** unique; the last part of the repository's path */
  name: string;
  configPath: string;
  kind: BaseKind;
  coreVersion: string;
  tagFormat: string;
  /** formats of tags that move on, such as `{{ cycle }}-core` and `latest` */
  floatingTags: string[];
  /** id of a builder */
  builder: string;
  from: BaseSource;
  target: RepositoryName;
  /** absolute folder, or URL of one in git, that COPY reads from and `template` lies in */
  context?: string;
  /** the Dockerfile template: file name in `context`, or its text (with a line break) */
  template?: string;
  args: Record<string, string>;
  /** of the layers that are added; undefined: gzip */
  compression?: 'zstd';
  owner?: string;
  /** attached to each platform; undefined: none */
  sbom?: 'cyclonedx' | 'spdx';
  /** whether SLSA provenance is attached; undefined: no */
  provenance?: boolean;
  /** ids of signers; undefined: not signed */
  sign?: string[];
  /** run in the image before it is published; undefined: none */
  smoke?: { command: string[]; timeoutMs: number };
  hash: string;
}

/** The network that RUN has. */
export type BuildNetwork = 'default' | 'none' | 'host';

/** How `buildah` is called (`imglife.bases.builders.buildah`). */
export interface BuildahSettings {
  command: string;
  isolation: 'chroot' | 'oci' | 'rootless';
  storageDriver: 'vfs' | 'overlay';
  network: BuildNetwork;
}

/** How the Docker engine is reached (`imglife.bases.builders.docker`). */
export interface DockerSettings {
  command: string;
  /** as of `docker --host`; undefined: the client's default */
  host?: string;
  network: BuildNetwork;
}

/** How a `buildkitd` is reached (`imglife.bases.builders.buildkit`). */
export interface BuildkitSettings {
  command: string;
  /** as of `buildctl --addr`; undefined: the client's default */
  address?: string;
  /** `host/path` that build caches are kept under */
  cache?: string;
  network: BuildNetwork;
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
}

/** How `cosign` signs (`imglife.bases.signers.cosign`). */
export interface CosignSettings {
  command: string;
  /** file, or reference of a key service; undefined: keyless */
  key?: string;
  /** secret: of the key file */
  password?: string;
  /** whether each platform's manifest is signed too */
  recursive: boolean;
  /** secret values: variables it is started with */
  env: Record<string, string>;
  /** more arguments, before the reference */
  args: string[];
  /** limits one signature, in milliseconds */
  timeoutMs: number;
}

/** One entry of `imglife.policy.exemptions`; patterns may hold `*`. */
export interface ExemptionDefinition {
  image?: string;
  project?: string;
  base?: string;
  /** last day it counts, `YYYY-MM-DD` */
  until: string;
  reason: string;
}

/** What is a violation, and when (`imglife.policy`). */
export interface PolicyDefinition {
  freshness: 'cycle' | 'newest';
  /** days before end of life from which support is `ending` */
  warnDays: number;
  /** days after `outdatedSince` during which outdated and rebuilt only warn */
  graceDays: number;
  failOn: FailOn[];
  exemptions: ExemptionDefinition[];
}

/** Which tags of one image may go, and where copies of them are kept. */
export interface RetentionRules {
  /** newest tags that stay, of each group */
  keepLast: number;
  /** the group: a family within a cycle, or a whole family */
  per: 'cycle' | 'family';
  /** younger ones stay */
  maxAgeDays: number;
  /** whole-tag patterns of what stays, RE2 syntax */
  protect: string[];
  /** `host/path` that copies are kept under, and for how many days */
  archive?: { to: RepositoryName; keepDays: number };
}

/** The rules of a tier (`imglife.retention.<tier>`). */
export interface RetentionPolicy extends RetentionRules {
  /**
   * In their order; of the first whose `image` fits, what it gives counts.
   * `image` is a name of a mirror or base, or `host/path` of an application,
   * maybe with `*`.
   */
  overrides: Array<{ image: string } & Partial<RetentionRules>>;
}

/** What may be deleted, and when (`imglife.retention`); an absent tier: nothing. */
export interface RetentionDefinition {
  schedule: Schedule;
  mirrors?: RetentionPolicy;
  bases?: RetentionPolicy;
  applications?: RetentionPolicy;
}

/** A definition file kept elsewhere (`imglife.definitions[]`). */
export interface DefinitionFileSource {
  url: string;
  schedule: Schedule;
}

/** One of `imglife.bases.hooks.afterBuild`: exactly one of the two. */
export interface BaseHookDefinition {
  /** http(s) URL, maybe with user-info */
  webhook?: string;
  /** of the portal; `recipients`: entity references, undefined: the base's owner */
  notification?: { recipients?: string[] };
}

/** All that the platform team declared, validated. */
export interface Definitions {
  registries: RegistryDefinition[];
  tiers: {
    mirrors: RepositoryName;
    bases: RepositoryName;
    /** prefixes and globs over `host/path` */
    applications: string[];
  };
  mirrors: {
    schedule: Schedule;
    verify: Schedule;
    entries: MirrorDefinition[];
  };
  bases: {
    schedule: Schedule;
    /** how many are built at once */
    concurrency: number;
    builders: {
      buildah: BuildahSettings;
      docker: DockerSettings;
      buildkit: BuildkitSettings;
    };
    signers: { cosign: CosignSettings };
    /** files that templates may mount as secrets, with builders that are programs */
    secrets: Array<{ id: string; file: string }>;
    hooks: { afterBuild: BaseHookDefinition[] };
    entries: BaseDefinition[];
  };
  applications: {
    current: {
      per: 'repository' | 'major' | 'branch' | 'tag';
      maxAgeDays: number;
    };
    scan: {
      schedule: Schedule;
      /** newest tags looked at, of those with a version and of the others */
      tagsPerRepository: number;
    };
    /** how often the catalog is asked for components with images */
    mapping: Schedule;
    /** who may register for which project; empty: whoever is permitted */
    subjects: string[];
    /** of writes, for each subject and replica; undefined: no limit */
    rateLimit?: { perMinute: number };
  };
  lifecycle: {
    /** API v1 root; undefined: no network, only the snapshot and overrides */
    url?: string;
    schedule: Schedule;
    /** JSON file of API v1 product answers, laid over the rest */
    overridesFile?: string;
  };
  policy: PolicyDefinition;
  notifications: {
    /** owners are told when the verdict on what they build on changes */
    verdicts: boolean;
  };
  retention: RetentionDefinition;
  /** how many runs of a kind one process works on at once */
  workers: { sync: number; build: number };
  /** where further definitions are read from */
  files: DefinitionFileSource[];
}
