import type {
  BuildAnswer,
  BuildRequest,
  BuildResult,
  ImageBuilder,
  SmokeRequest,
} from '@imglife/backstage-plugin-imglife-node';
import { parseRepository } from '@imglife/oci';
import type { Registries } from '../../registries/Registries';
import type { BuilderProgram } from './BuilderProgram';
import { BuildWorkspace } from './BuildWorkspace';
import type { BuiltImage } from './BuiltImage';
import { BuiltImagePusher } from './BuiltImagePusher';
import { imageForMachine } from './imageForMachine';
import { readSecrets } from './readSecrets';
import {
  configuredHosts,
  dockerConfig,
  registriesOf,
  secretsOf,
  type BuildRegistry,
} from './registryHosts';

const CLEAN_MS = 60_000;

/** What every builder that is a program works with. */
export interface ProgramBuilderOptions {
  registries: Pick<Registries, 'clientFor'>;
  program: BuilderProgram;
}

/** One use of a program, as the drivers see it. */
export interface ProgramTask {
  workspace: BuildWorkspace;
  /** those that it reads from */
  registries: BuildRegistry[];
  /**
   * Runs the driver's program in the workspace.
   *
   * @param limit - ends it before the task is ended
   * @returns its last lines
   */
  run(
    program: string,
    args: string[],
    env?: Record<string, string>,
    limit?: AbortSignal,
  ): Promise<string>;
}

/** One build, as the drivers see it. */
export interface ProgramBuild extends ProgramTask {
  request: BuildRequest;
}

/** A command in an image, as the drivers see it. */
export interface SmokeTask extends ProgramTask {
  command: ReadonlyArray<string>;
  /** of the command alone; milliseconds */
  timeoutMs: number;
  /** `host/path@digest` of the image of a platform (`os/architecture`) */
  imageOf(platform: string): string;
}

/** How a program runs commands in images. */
export interface SmokeDriver {
  /**
   * @param cleaning - gives the same task, whose programs also run after a
   *   cancel
   * @throws when the command fails
   */
  run(task: SmokeTask, cleaning: () => ProgramTask): Promise<void>;
}

/** What makes one program another. */
export interface BuilderDriver {
  /** as in the configuration */
  readonly id: string;
  /** the program, as a name in PATH or an absolute file */
  readonly command: string;
  /** undefined: it runs no commands */
  readonly smoke?: SmokeDriver;
  /** Builds every platform and leaves the images in the workspace. */
  build(build: ProgramBuild): Promise<BuiltImage[]>;
  /** Removes what the program left elsewhere; the workspace is removed after it. */
  clean?(build: ProgramBuild): Promise<void>;
}

interface ProgramContext {
  log(line: string): void;
  signal: AbortSignal;
}

/** Makes a task that ends with a signal. */
type TaskUntil = (signal: AbortSignal) => ProgramTask;

/**
 * Builds by a program on this machine. The program only makes the image, in a
 * private folder: credentials for reading are written there and removed with
 * it, and what was made is pushed by us, so that the mirror's layers are
 * mounted and labels and annotations are the same whatever the program.
 */
export class ProgramBuilder implements ImageBuilder {
  readonly id: string;
  readonly smoke?: ImageBuilder['smoke'];
  readonly #driver: BuilderDriver;
  readonly #options: ProgramBuilderOptions;

  static create(
    driver: BuilderDriver,
    options: ProgramBuilderOptions,
  ): ProgramBuilder {
    return new ProgramBuilder(driver, options);
  }

  private constructor(driver: BuilderDriver, options: ProgramBuilderOptions) {
    this.id = driver.id;
    this.#driver = driver;
    this.#options = options;
    const { smoke } = driver;
    if (smoke) {
      this.smoke = (request, context) => this.#smoke(smoke, request, context);
    }
  }

  canBuild(): BuildAnswer {
    return { ok: true };
  }

  /** Why it cannot work here, or undefined: said once at start. */
  async findFault(): Promise<string | undefined> {
    const { command } = this.#driver;
    const found = await this.#options.program.find(command);
    return found
      ? undefined
      : `builder ${this.id}: the program ${command} is not installed where the backend runs; its builds will fail`;
  }

  /**
   * @throws ServiceUnavailableError - the program is not installed
   * @throws InputError - a registry's credentials, a secret, or the image made
   *   is not what a base needs
   * @throws Error - the build failed, with what the program said last; secrets
   *   masked
   */
  async build(
    request: BuildRequest,
    context: ProgramContext,
  ): Promise<BuildResult> {
    const { signal } = context;
    const registries = registriesOf(request);
    const secrets = await readSecrets(request.secrets);
    const workspace = await BuildWorkspace.create(request);
    return this.#inside(
      { workspace, registries, secrets, context },
      async taskUntil => {
        const buildUntil = (limit: AbortSignal): ProgramBuild => ({
          ...taskUntil(limit),
          request,
        });
        try {
          const built = await this.#driver.build(buildUntil(signal));
          const pusher = BuiltImagePusher.create({
            ...this.#options,
            request,
            signal,
          });
          return { digest: await pusher.push(built) };
        } finally {
          // also after a cancel, which ended the signal
          await this.#driver.clean?.(buildUntil(AbortSignal.timeout(CLEAN_MS)));
        }
      },
    );
  }

  async #smoke(
    driver: SmokeDriver,
    request: SmokeRequest,
    context: ProgramContext,
  ): Promise<void> {
    const { repository, images, command, timeoutMs } = request;
    const { registry } = parseRepository(repository);
    const registries = configuredHosts([registry], request);
    const workspace = await BuildWorkspace.create();
    await this.#inside(
      { workspace, registries, secrets: [], context },
      async taskUntil => {
        const task = {
          ...taskUntil(context.signal),
          command,
          timeoutMs,
          imageOf: (platform: string) => {
            const image = imageForMachine(images, platform);
            context.log(`running it on ${image.platform}`);
            return `${repository}@${image.digest}`;
          },
        };
        await driver.run(task, () => taskUntil(AbortSignal.timeout(CLEAN_MS)));
      },
    );
  }

  /** Works in a workspace that is removed afterwards, however that ends. */
  async #inside<T>(
    place: {
      workspace: BuildWorkspace;
      registries: BuildRegistry[];
      /** beside those of the registries */
      secrets: string[];
      context: ProgramContext;
    },
    work: (taskUntil: TaskUntil) => Promise<T>,
  ): Promise<T> {
    const { workspace, registries, context } = place;
    const secrets = [...secretsOf(registries), ...place.secrets];
    try {
      await workspace.write('config.json', dockerConfig(registries));
      return await work(signal => ({
        workspace,
        registries,
        run: (program, args, env, limit) =>
          this.#options.program.run({
            program,
            args,
            env: { HOME: workspace.folder, TMPDIR: workspace.folder, ...env },
            cwd: workspace.folder,
            secrets,
            log: context.log,
            signal: limit ? AbortSignal.any([signal, limit]) : signal,
          }),
      }));
    } finally {
      await workspace.remove();
    }
  }
}
