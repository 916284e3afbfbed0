import type { ProgramTask, SmokeDriver, SmokeTask } from './ProgramBuilder';

/** Calls the docker client with its host and configuration. */
type RunDocker = (
  task: ProgramTask,
  args: string[],
  limit?: AbortSignal,
) => Promise<string>;

/**
 * Runs commands by `docker run`, without a network, on whatever machine the
 * engine is.
 */
export class DockerSmoke implements SmokeDriver {
  readonly #docker: RunDocker;

  static create(docker: RunDocker): DockerSmoke {
    return new DockerSmoke(docker);
  }

  private constructor(docker: RunDocker) {
    this.#docker = docker;
  }

  async run(task: SmokeTask, cleaning: () => ProgramTask): Promise<void> {
    const image = task.imageOf(await this.#enginePlatform(task));
    try {
      await this.#docker(task, ['pull', image]);
      await this.#runCommand(image, task, cleaning);
    } finally {
      await this.#remove(cleaning(), ['image', 'rm', '--force', image]);
    }
  }

  async #runCommand(
    image: string,
    task: SmokeTask,
    cleaning: () => ProgramTask,
  ): Promise<void> {
    const name = `imglife-smoke-${task.workspace.name}`;
    const [program, ...args] = task.command;
    try {
      await this.#docker(
        task,
        [
          ...['run', '--name', name, '--network', 'none'],
          ...['--entrypoint', program, image, ...args],
        ],
        AbortSignal.timeout(task.timeoutMs),
      );
    } finally {
      // the client's end is not the container's
      await this.#remove(cleaning(), ['rm', '--force', '--volumes', name]);
    }
  }

  /** `os/architecture` of the engine, which may be on another machine. */
  async #enginePlatform(task: ProgramTask): Promise<string> {
    return this.#docker(task, [
      ...['version', '--format', '{{.Server.Os}}/{{.Server.Arch}}'],
    ]);
  }

  async #remove(cleaning: ProgramTask, args: string[]): Promise<void> {
    try {
      await this.#docker(cleaning, args);
    } catch {
      // what could not be fetched or started is not there; the log says it
    }
  }
}
