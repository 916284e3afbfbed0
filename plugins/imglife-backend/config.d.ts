import type { HumanDuration } from '@backstage/types';

/** When something is done, and the longest it may take. */
interface Schedule {
  frequency?: HumanDuration | string;
  timeout?: HumanDuration | string;
}

export interface Config {
  /** Container images: mirrors, bases and applications. */
  imglife?: {
    /** The registries that may be contacted, beside the hosts of mirror sources. */
    registries?: Array<{
      /** `host[:port]`, such as `registry.example.com` */
      host: string;
      /** Other names of the same content: `host[:port]`, or that with a path that stands for the registry's root. */
      aliases?: string[];
      /** One of: user and password; a bearer token; what docker or podman keep on the machine; a credential helper. Default: anonymous. */
      auth?: {
        /** @visibility secret */
        username?: string;
        /** @visibility secret */
        password?: string;
        /** @visibility secret */
        token?: string;
        /** `true`: docker's `config.json`, or podman's `auth.json`, with the credential helpers they name. */
        dockerConfig?: true;
        /** Runs `docker-credential-<name> get`, such as `ecr-login`. */
        credentialHelper?: string;
      };
      tls?: {
        /** PEM file of the authorities to trust beside the system's */
        caFile?: string;
        /** PEM file of the client certificate */
        certFile?: string;
        /** PEM file of the client certificate's key */
        keyFile?: string;
      };
      /** `true`: plain HTTP. Default `false`. */
      insecure?: boolean;
      /** Most requests at once; fewer while the registry is busy. Default 6. */
      concurrency?: number;
      /** Most requests in a second, spread evenly. Default: no limit. */
      requestsPerSecond?: number;
    }>;
    /** Where the images of each tier live. */
    tiers: {
      /** `host/path` that mirrors are copied under */
      mirrors: string;
      /** `host/path` that bases are published under */
      bases: string;
      /** Prefixes and globs over `host/path`, for the images of teams. */
      applications?: string[];
    };
    /** Files that hold further `mirrors`, `bases`, `policy` and `retention` blocks, read by Backstage's URL reader: their hosts are under `integrations` or `backend.reading.allow`. Entries and exemptions are joined with those of app-config; any other key may be given in one place only. */
    definitions?: Array<{
      /** http(s) URL of a YAML or JSON file, such as a file's page in GitLab or GitHub */
      url: string;
      /** Default: every five minutes; one minute at most. */
      schedule?: Schedule;
    }>;
    /** Copies of upstream repositories. */
    mirrors?: {
      /** When a mirror is synced (every hour), and the longest a run may take (two hours). */
      schedule?: Schedule;
      /** When every tag is asked for again and looked at for damage (every day; two hours). */
      verify?: Schedule;
      defaults?: {
        /** Whether signatures, SBOMs and the like travel too. Default `true`. */
        referrers?: boolean;
      };
      /** Told of changed tags, by POST of JSON. */
      hooks?: {
        afterSync?: Array<{
          /** @visibility secret */
          webhook: string;
        }>;
      };
      entries?: Array<{
        /** Platforms to copy, such as `linux/arm64`. Default: all. */
        platforms?: string[];
        referrers?: boolean;
        /** RE2 pattern over tags never overwritten; unfit for Docker official images. */
        immutable?: string;
        /** Beside the hooks above. */
        hooks?: {
          afterSync?: Array<{
            /** @visibility secret */
            webhook: string;
          }>;
        };
        /** Upstream repository, such as `docker.io/library/alpine`. */
        source: string;
        /** Path under `tiers.mirrors`, and the name of the mirror. Default: the last segment of the source's path. */
        target?: string;
        /** Which tags are copied: `names`, and what all the others select. */
        tags: {
          /** Exact tags, beside what the rest selects. */
          names?: string[];
          /** RE2 pattern over the whole tag. */
          regex?: string;
          /** Range of versions, such as `>=3.20 <4`. */
          semver?: string;
          /** RE2 patterns over whole tags that are not taken. */
          exclude?: string | string[];
          /** Whether prereleases are taken. Default `false`. */
          prereleases?: boolean;
          /** Younger tags are not taken. */
          minAge?: HumanDuration | string;
          /** Fewer selected tags than this are a failure. */
          atLeast?: number;
          /** Template of the tag at the target. Default `{{ tag }}`. */
          targetTag?: string;
          /** `supported` (default), `all`, or a number of newest cycles. */
          cycles?: 'supported' | 'all' | number;
          /** Newest versions to keep. Default: all. */
          keepLast?: number;
          /** What `keepLast` counts in. Default: `cycle` where a lifecycle is known, else `family`. */
          per?: 'cycle' | 'family' | 'repository';
        };
        lifecycle?: {
          /** Product at endoflife.date. Default: found by the source. */
          product?: string;
          /** Whether extended support counts as support. Default `false`. */
          extendedSupport?: boolean;
        };
      }>;
    };
    /** The organisation's base images. */
    bases?: {
      /** One to three numbers; quoted. Default `1.0.0`. */
      coreVersion?: string;
      /** Default `{{ upstreamTag }}-core{{ coreVersion }}`. */
      tagFormat?: string;
      /** Tags that move on to the newest base, such as `latest` and `{{ cycle }}{{ suffix }}-core`. Default: none. */
      floatingTags?: string[];
      /** Id of the builder: `embedded`, `buildah`, `docker`, `buildkit`, `export` (built outside), or that of an extension. Default `embedded`. */
      builder?: string;
      /** How the builders that are programs are called. */
      builders?: {
        buildah?: {
          /** Name in PATH, or absolute file. Default `buildah`. */
          command?: string;
          /** Default `chroot`, which needs no privileges. */
          isolation?: 'chroot' | 'oci' | 'rootless';
          /** Default `vfs`, which works everywhere. */
          storageDriver?: 'vfs' | 'overlay';
          /** What RUN may reach. Default: what buildah gives it. */
          network?: 'default' | 'none' | 'host';
        };
        docker?: {
          /** The client, with BuildKit. Default `docker`. */
          command?: string;
          /** As of `docker --host`. Default: the client's own. */
          host?: string;
          network?: 'default' | 'none' | 'host';
        };
        buildkit?: {
          /** Default `buildctl`. */
          command?: string;
          /** Of the `buildkitd`, such as `tcp://buildkitd:1234`. */
          address?: string;
          network?: 'default' | 'none' | 'host';
          /** `host/path` that build caches are kept under. Default: none. */
          cache?: string;
          /** To reach the `buildkitd`. */
          tls?: {
            caFile?: string;
            certFile?: string;
            keyFile?: string;
          };
        };
      };
      /** Files that a template mounts by `RUN --mount=type=secret,id=…`, with builders that are programs. Their contents end up nowhere. */
      secrets?: Array<{
        id: string;
        /** readable by the backend */
        file: string;
      }>;
      /** Of the layers that bases add; those of the mirrors stay as they are. Default `gzip`. What pulls a base must read zstd (containerd from 1.5, Docker from 23 on). */
      compression?: 'gzip' | 'zstd';
      /** SBOM that is attached to each platform. Default `none`. */
      sbom?: 'none' | 'cyclonedx' | 'spdx';
      /** Whether SLSA provenance is attached. Default `false`. */
      provenance?: boolean;
      /** Id of a signer, or several: `cosign`, or that of an extension. Default: not signed. */
      sign?: string | string[];
      signers?: {
        cosign?: {
          /** Name in PATH, or absolute file. Default `cosign`. */
          command?: string;
          /** As of `cosign sign --key`: a file, or a key service such as `awskms:///alias/bases`. Default: keyless. */
          key?: string;
          /** @visibility secret */
          password?: string;
          /** Whether each platform's manifest is signed too. Default `false`. */
          recursive?: boolean;
          /** @deepVisibility secret */
          env?: { [name: string]: string };
          /** More arguments, such as `--tlog-upload=false`. */
          args?: string[];
          /** The longest one signature may take. Default: two minutes. */
          timeout?: HumanDuration | string;
        };
      };
      /** A program and its arguments, run in each image before its tag is set: without a shell, without the image's entrypoint, on the platform of the builder's machine. For the builders `buildah` and `docker`. Default: none. */
      smoke?: string[];
      /** The longest that command may take. Default: two minutes. */
      smokeTimeout?: HumanDuration | string;
      /** How many bases are built at once. Default 2. */
      concurrency?: number;
      /** When bases are compared with their mirrors (every 15 minutes; one hour). */
      schedule?: Schedule;
      hooks?: {
        /** Told once a base is published, with its reference and digest; each one either of: */
        afterBuild?: Array<{
          /**
           * Posted to. User-info is sent as basic authorization.
           * @visibility secret
           */
          webhook?: string;
          /** Sent by the portal's notifications. */
          notification?: {
            /** Entities, such as `group:default/platform`. Default: the base's owner. */
            recipients?: string[];
          };
        }>;
      };
      /** Entity that owns the bases, such as `group:default/platform`. */
      owner?: string;
      entries?: Array<{
        /** Path under `tiers.bases`, and the name of the base. */
        name: string;
        /** Default `core`. A `development` base never fails a check. */
        kind?: 'core' | 'special' | 'development';
        /** In place of those above: */
        coreVersion?: string;
        tagFormat?: string;
        floatingTags?: string[];
        builder?: string;
        compression?: 'gzip' | 'zstd';
        sbom?: 'none' | 'cyclonedx' | 'spdx';
        provenance?: boolean;
        sign?: string | string[];
        /** `[]`: none, whatever stands above. */
        smoke?: string[];
        /** What the base is built on: one pinned tag, or tags that it tracks. */
        from: {
          /** Name of a mirror. Either this or `base`. */
          mirror?: string;
          /** Name of another base. */
          base?: string;
          /** One tag of it. */
          tag?: string;
          /** In place of `tag`. */
          track?: 'latest-per-cycle' | 'latest' | 'all';
          /** With `track`: which cycles. Default: every one that is mirrored. */
          cycles?: 'supported' | 'all' | number;
        };
        /** Folder that files are copied from: a local one, or the URL of one in git, such as `https://gitlab.example.com/a/b/-/tree/main/images/alpine`. */
        context?: string;
        /** File in the context, or the Dockerfile's text with its line breaks. */
        template?: string;
        /** Text per argument of the template. */
        args?: { [name: string]: string };
        /** In place of the one above. */
        owner?: string;
      }>;
    };
    /** The images of teams. */
    applications?: {
      /** Which registrations are judged. */
      current?: {
        /** The newest per … Default `repository`. */
        per?: 'repository' | 'major' | 'branch' | 'tag';
        /** Days after which a registration counts no more. Default 180. */
        maxAgeDays?: number;
      };
      /** When the application paths are walked for images that nobody registered, and the paths of mirrors and bases for what was there before. */
      scan?: {
        /** Default: every six hours; two hours at most. */
        schedule?: Schedule;
        /** How many tags of a repository are looked at: so many of the newest with a version, and so many of the others. Default 10. */
        tagsPerRepository?: number;
      };
      /** How images find their components. */
      mapping?: {
        /** When the catalog is asked for components with images. */
        /** Default: every 5 minutes; 2 minutes at most. */
        schedule?: Schedule;
      };
      /** Who may register for which project. Default: whoever has the permission. With a list, the subject of the caller must match one of them for the project of the registration. */
      subjects?: Array<{
        /** Such as `external:github:repo:{{ project }}:*`; `*` stands for any characters. Without `{{ project }}` it is for every project. */
        match: string;
      }>;
      /** Limit of writes for each subject and replica. Default: none. */
      rateLimit?: {
        /** Requests in a minute; a batch counts as one. */
        perMinute: number;
      };
    };
    /** End-of-life data. */
    lifecycle?: {
      /** Root of an endoflife.date API v1, such as `https://endoflife.date/api/v1`. Default: none is asked, and only the built-in snapshot and the overrides count. */
      url?: string;
      /** When the data is refreshed (every day; 10 minutes). */
      schedule?: Schedule;
      /** JSON file with product answers of the API, laid over the rest. */
      overridesFile?: string;
    };
    /** What is a violation, and when. */
    policy?: {
      /** `newest`: a newer cycle makes outdated. Default `cycle`. */
      freshness?: 'cycle' | 'newest';
      /** Days before end of life from which images warn. Default 30. */
      warnDays?: number;
      /** Days for which outdated bases only warn. Default 0. */
      graceDays?: number;
      /** Freshness, support, and states of the base or mirror an image stands on. Default: withdrawn, outdated, rebuilt and ended. */
      failOn?: Array<
        | 'none'
        | 'withdrawn'
        | 'unknown'
        | 'unmanaged'
        | 'outdated'
        | 'rebuilt'
        | 'superseded'
        | 'current'
        | 'ended'
        | 'ending'
        | 'supported'
        | 'moved'
        | 'gone-upstream'
        | 'failed'
        | 'published'
        | 'blocked'
        | 'retired'
        | 'removed'
      >;
      /** What is let be for a time; at least one pattern each. */
      exemptions?: Array<{
        /** Pattern over `host/path:tag`, with `*`. */
        image?: string;
        /** Pattern over the project, with `*`. */
        project?: string;
        /** Pattern over the base's reference, with `*`. */
        base?: string;
        /** Last day it counts, `YYYY-MM-DD`. */
        until: string;
        /** Shown wherever it applies. */
        reason: string;
      }>;
    };
    /** Through the portal's notifications plugin. */
    notifications?: {
      /** Owners are told when the verdict on what they build on changes. Default false. */
      verdicts?: boolean;
    };
    /** Which tags may be deleted: those past `keepLast` and `maxAgeDays` both that nothing needs. Default: none. */
    retention?: {
      /** When it is done (every day, the first time a day after it was configured), and the longest a run may take (two hours). */
      schedule?: Schedule;
      mirrors?: {
        /** Newest tags that stay, of each cycle or family. */
        keepLast: number;
        /** What `keepLast` counts in: a family within a cycle (default; the whole family where no cycle is known), or a family. */
        per?: 'cycle' | 'family';
        /** Tags younger than this stay: from their last pull. */
        maxAgeDays: number;
        /** RE2 patterns over whole tags that stay. Default: none. */
        protect?: string[];
        /** Copied there, with referrers, and verified before it is deleted. */
        archive?: {
          /** `host/path` under a listed registry, on no path of a tier. */
          to: string;
          /** Days after which the copy is deleted too. Default 90. */
          keepDays?: number;
        };
        /** Other values for single images; of the first that fits, the keys it has count. */
        overrides?: Array<{
          /** Name of a mirror, maybe with `*`. */
          image: string;
          keepLast?: number;
          per?: 'cycle' | 'family';
          maxAgeDays?: number;
          /** In place of that of the tier. */
          protect?: string[];
          archive?: {
            to: string;
            keepDays?: number;
          };
        }>;
      };
      bases?: {
        /** Newest tags that stay, of each cycle or family. */
        keepLast: number;
        /** What `keepLast` counts in: a family within a cycle (default; the whole family where no cycle is known), or a family. */
        per?: 'cycle' | 'family';
        /** Tags younger than this stay: from their last build. */
        maxAgeDays: number;
        /** RE2 patterns over whole tags that stay. Default: none. */
        protect?: string[];
        /** Copied there, with referrers, and verified before it is deleted. */
        archive?: {
          /** `host/path` under a listed registry, on no path of a tier. */
          to: string;
          /** Days after which the copy is deleted too. Default 90. */
          keepDays?: number;
        };
        /** Other values for single images; of the first that fits, the keys it has count. */
        overrides?: Array<{
          /** Name of a base, maybe with `*`. */
          image: string;
          keepLast?: number;
          per?: 'cycle' | 'family';
          maxAgeDays?: number;
          /** In place of that of the tier. */
          protect?: string[];
          archive?: {
            to: string;
            keepDays?: number;
          };
        }>;
      };
      applications?: {
        /** Newest tags that stay, of each cycle or family. */
        keepLast: number;
        /** What `keepLast` counts in: a family within a cycle (default; the whole family where no cycle is known), or a family. */
        per?: 'cycle' | 'family';
        /** Tags younger than this stay: from their build. */
        maxAgeDays: number;
        /** RE2 patterns over whole tags that stay. Default: none. */
        protect?: string[];
        /** Copied there, with referrers, and verified before it is deleted. */
        archive?: {
          /** `host/path` under a listed registry, on no path of a tier. */
          to: string;
          /** Days after which the copy is deleted too. Default 90. */
          keepDays?: number;
        };
        /** Other values for single images; of the first that fits, the keys it has count. */
        overrides?: Array<{
          /** `host/path` of an application, maybe with `*`. */
          image: string;
          keepLast?: number;
          per?: 'cycle' | 'family';
          maxAgeDays?: number;
          /** In place of that of the tier. */
          protect?: string[];
          archive?: {
            to: string;
            keepDays?: number;
          };
        }>;
      };
    };
    /** How many runs of a kind one process works on at once. */
    workers?: {
      /** Default 4. */
      sync?: number;
      /** Default 2. */
      build?: number;
    };
  };
}
