import type { DockerSettings } from '../../definitions/Definitions';
import type { BuiltImage } from './BuiltImage';
import { DockerSmoke } from './DockerSmoke';
import {
  argumentFlags,
  epochSeconds,
  networkFlags,
  secretFlags,
} from './flags';
import type {
  BuilderDriver,
  ProgramBuild,
  ProgramTask,
  SmokeDriver,
} from './ProgramBuilder';
import { readDockerArchive } from './readDockerArchive';
import { unpackArchive } from './unpackArchive';

/**
 * The Docker engine with BuildKit, by the `docker` client. The engine reads
 * the mirror itself: that its registry is reached by plain HTTP or with a
 * private authority is the engine's own configuration.
 */
export class DockerDriver implements BuilderDriver {
  readonly id = 'docker';
  readonly smoke: SmokeDriver;
  readonly #settings: DockerSettings;

  static create(settings: DockerSettings): DockerDriver {
    return new DockerDriver(settings);
  }

  private constructor(settings: DockerSettings) {
    this.#settings = settings;
    this.smoke = DockerSmoke.create((task, args, limit) =>
      this.#run(task, args, limit),
    );
  }

  get command(): string {
    return this.#settings.command;
  }

  async build(build: ProgramBuild): Promise<BuiltImage[]> {
    const images: BuiltImage[] = [];
    for (const platform of build.request.platforms) {
      images.push(await this.#buildPlatform(platform, build));
    }
    return images;
  }

  /** Images stay in the engine until they are removed. */
  async clean(build: ProgramBuild): Promise<void> {
    const tags = build.request.platforms.map(each => tagOf(each, build));
    try {
      await this.#run(build, ['image', 'rm', '--force', ...tags]);
    } catch {
      // a build that failed has left none
    }
  }

  async #buildPlatform(
    platform: string,
    build: ProgramBuild,
  ): Promise<BuiltImage> {
    const { request, workspace } = build;
    const tag = tagOf(platform, build);
    await this.#run(build, [
      ...['build', '--progress', 'plain', '--pull', '--platform', platform],
      ...networkFlags(this.#settings.network),
      ...argumentFlags({
        SOURCE_DATE_EPOCH: epochSeconds(request.created),
        ...request.args,
      }),
      ...secretFlags(request.secrets),
      ...['-f', workspace.dockerfile, '-t', tag, workspace.context],
    ]);
    const name = platform.replaceAll('/', '-');
    const archive = workspace.path(`${name}.tar`);
    await this.#run(build, ['save', '-o', archive, tag]);
    await unpackArchive(archive, workspace.path(name));
    return readDockerArchive(workspace.path(name));
  }

  async #run(
    task: ProgramTask,
    args: string[],
    limit?: AbortSignal,
  ): Promise<string> {
    const { host } = this.#settings;
    return task.run(
      this.command,
      [...(host === undefined ? [] : ['--host', host]), ...args],
      { DOCKER_CONFIG: task.workspace.folder, DOCKER_BUILDKIT: '1' },
      limit,
    );
  }
}

/** Of this build alone: builds at the same time share the engine. */
function tagOf(platform: string, { workspace }: ProgramBuild): string {
  return `${workspace.name}:${platform.replaceAll('/', '-')}`;
}
