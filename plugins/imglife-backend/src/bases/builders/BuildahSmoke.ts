import type { BuildahSettings } from '../../definitions/Definitions';
import type { BuildahProgram } from './BuildahProgram';
import { ownPlatform } from './imageForMachine';
import type { ProgramTask, SmokeDriver, SmokeTask } from './ProgramBuilder';

const CONTAINER = 'smoke';

/**
 * Runs commands by `buildah run`, isolated as builds are: with no network, but
 * for `chroot`, which knows only that of the machine.
 */
export class BuildahSmoke implements SmokeDriver {
  readonly #settings: Pick<BuildahSettings, 'isolation'>;
  readonly #buildah: BuildahProgram;

  static create(
    settings: Pick<BuildahSettings, 'isolation'>,
    buildah: BuildahProgram,
  ): BuildahSmoke {
    return new BuildahSmoke(settings, buildah);
  }

  private constructor(
    settings: Pick<BuildahSettings, 'isolation'>,
    buildah: BuildahProgram,
  ) {
    this.#settings = settings;
    this.#buildah = buildah;
  }

  async run(task: SmokeTask, cleaning: () => ProgramTask): Promise<void> {
    const image = task.imageOf(ownPlatform());
    const { isolation } = this.#settings;
    const reading = await this.#buildah.prepare(task);
    try {
      await this.#buildah.run(task, [
        ...['from', ...reading, '--name', CONTAINER, `docker://${image}`],
      ]);
      await this.#buildah.run(
        task,
        [
          ...['run', '--isolation', isolation],
          ...(isolation === 'chroot' ? [] : ['--network', 'none']),
          ...[CONTAINER, '--', ...task.command],
        ],
        AbortSignal.timeout(task.timeoutMs),
      );
    } finally {
      await this.#buildah.clean(cleaning());
    }
  }
}
