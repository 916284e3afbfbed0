import type {
  BuildAnswer,
  BuildRequest,
  BuildResult,
  ImageBuilder,
} from '@imglife/backstage-plugin-imglife-node';
import type { Registries } from '../../registries/Registries';
import type { BuilderProgram } from './BuilderProgram';
import { BuildWorkspace } from './BuildWorkspace';
import type { BuiltImage } from './BuiltImage';
import { BuiltImagePusher } from './BuiltImagePusher';
import { readSecrets } from './readSecrets';
import {
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

/** One build, as the drivers see it. */
export interface ProgramBuild {
  request: BuildRequest;
  workspace: BuildWorkspace;
  /** those that the Dockerfile reads from */
  registries: BuildRegistry[];
  /** Runs the driver's program in the workspace. @returns its last lines */
  run(
    program: string,
    args: string[],
    env?: Record<string, string>,
  ): Promise<string>;
}

/** What makes one program another. */
export interface BuilderDriver {
  /** as in the configuration */
  readonly id: string;
  /** the program, as a name in PATH or an absolute file */
  readonly command: string;
  /** Builds every platform and leaves the images in the workspace. */
  build(build: ProgramBuild): Promise<BuiltImage[]>;
  /** Removes what the program left elsewhere; the workspace is removed after it. */
  clean?(build: ProgramBuild): Promise<void>;
}

/**
 * Builds by a program on this machine. The program only makes the image, in a
 * private folder: credentials for reading are written there and removed with
 * it, and what was made is pushed by us, so that the mirror's layers are
 * mounted and labels and annotations are the same whatever the program.
 */
export class ProgramBuilder implements ImageBuilder {
  readonly id: string;
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
    context: { log(line: string): void; signal: AbortSignal },
  ): Promise<BuildResult> {
    const { log, signal } = context;
    const registries = registriesOf(request);
    const secrets = [
      ...secretsOf(registries),
      ...(await readSecrets(request.secrets)),
    ];
    const config = dockerConfig(registries);
    const workspace = await BuildWorkspace.create(request);
    const buildUntil = (limit: AbortSignal): ProgramBuild => ({
      request,
      workspace,
      registries,
      run: (program, args, env) =>
        this.#options.program.run({
          program,
          args,
          env: { HOME: workspace.folder, TMPDIR: workspace.folder, ...env },
          cwd: workspace.folder,
          secrets,
          log,
          signal: limit,
        }),
    });
    try {
      await workspace.write('config.json', config);
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
      await workspace.remove();
    }
  }
}
