import type { Readable } from 'node:stream';

/**
 * One entry of a build context. Paths are relative to the context, with `/`
 * between their parts and without `.` or `..`.
 *
 * @public
 */
export type ContextFile =
  | {
      type: 'file';
      path: string;
      /** permission bits: 0o644, or 0o755 when executable */
      mode: number;
      /** bytes */
      size: number;
      read(): Promise<Uint8Array>;
      /** as a stream, for files too large for memory */
      open?(): Readable;
    }
  | { type: 'directory'; path: string; mode: number }
  | {
      type: 'symlink';
      path: string;
      /** as written in the link */
      target: string;
    };

/**
 * How one registry host is reached (`imglife.registries[]`).
 *
 * @public
 */
export interface RegistryAccess {
  /** plain HTTP */
  insecure: boolean;
  /** PEM file of the authority that signed the host's certificate */
  caFile?: string;
  /** secret: never to be logged, nor put into an image */
  auth?: { username: string; password: string } | { token: string };
}

/**
 * A file that a build may read while it runs, and that ends up nowhere
 * (`RUN --mount=type=secret,id=…`).
 *
 * @public
 */
export interface BuildSecret {
  id: string;
  /** absolute, on the machine of the backend */
  file: string;
}

/**
 * How new layers are compressed.
 *
 * @public
 */
export type LayerCompression = 'gzip' | 'zstd';

/**
 * What is to be built. The same request must give the same digest.
 *
 * @public
 */
export interface BuildRequest {
  /**
   * The rendered Dockerfile. Its last instruction copies the file that names
   * the base, which is among `files`, so that the image's layers are its own.
   */
  dockerfile: string;
  files: ReadonlyArray<ContextFile>;
  /** build arguments; never secret */
  args: Readonly<Record<string, string>>;
  secrets: ReadonlyArray<BuildSecret>;
  /** such as `linux/arm64`; each one exists in `from` */
  platforms: ReadonlyArray<string>;
  /** to be set on the config after the Dockerfile's own labels */
  labels: Readonly<Record<string, string>>;
  /** to be set on each manifest and on the index */
  annotations: Readonly<Record<string, string>>;
  /** the `created` of the image and of its new files (SOURCE_DATE_EPOCH) */
  created: Date;
  /** of the layers that are added; those below stay as they are. Default gzip */
  compression?: LayerCompression;
  /** what the Dockerfile is `FROM`: `host/path:tag@digest` */
  from: string;
  target: {
    /** `host/path` to push to */
    repository: string;
    /** the tag that the caller sets once the image is verified */
    tag: string;
  };
  /** undefined when the host needs nothing special */
  registry(host: string): RegistryAccess | undefined;
}

/**
 * What was built.
 *
 * @public
 */
export interface BuildResult {
  /** of the index, or of the manifest where there is only one platform */
  digest: string;
}

/**
 * A command that a built image has to run before it is published.
 *
 * @public
 */
export interface SmokeRequest {
  /**
   * The program in the image and its arguments: no shell and no entrypoint of
   * the image comes in between. Environment, user and working directory are
   * the image's.
   */
  command: ReadonlyArray<string>;
  /** `host/path` that the image was pushed to; it has no tag yet */
  repository: string;
  /** one manifest for each platform */
  images: ReadonlyArray<{ platform: string; digest: string }>;
  /** of the command, without what fetching the image takes; milliseconds */
  timeoutMs: number;
  /** undefined when the host needs nothing special */
  registry(host: string): RegistryAccess | undefined;
}

/**
 * Whether a builder takes a Dockerfile.
 *
 * @public
 */
export type BuildAnswer = { ok: true } | { ok: false; reason: string };

/**
 * Builds bases (`imglife.bases.builder`).
 *
 * @public
 */
export interface ImageBuilder {
  /** as in the configuration, such as `buildah` */
  readonly id: string;
  /**
   * Asked before anything is built. The reason names the instruction, its line
   * and what to do.
   *
   * @param dockerfile - as rendered
   */
  canBuild(dockerfile: string): BuildAnswer;
  /**
   * Builds and pushes the image, so that it can be read from the target's
   * repository by its digest. `target.tag` is not touched: the caller verifies
   * the image and then sets it.
   *
   * @throws when the image cannot be built or pushed; the message is shown to
   *   users and holds no secret
   */
  build(
    request: BuildRequest,
    context: {
      /** one line of the run's log */
      log(line: string): void;
      signal: AbortSignal;
    },
  ): Promise<BuildResult>;
  /**
   * Runs a command in the image that was built, of the platform of the machine
   * that runs it. Left out by builders that can run none: bases of theirs
   * cannot have a smoke command (`imglife.bases.smoke`).
   *
   * @throws when the command cannot be run, fails, or takes too long (a
   *   `TimeoutError`); the message is shown to users and holds no secret
   */
  smoke?(
    request: SmokeRequest,
    context: {
      /** one line of the run's log */
      log(line: string): void;
      signal: AbortSignal;
    },
  ): Promise<void>;
}
