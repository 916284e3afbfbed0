import { mkdir } from 'node:fs/promises';
import type { BuildahSettings } from '../../definitions/Definitions';
import { BuildahProgram } from './BuildahProgram';
import { BuildahSmoke } from './BuildahSmoke';
import type { BuiltImage } from './BuiltImage';
import {
  argumentFlags,
  epochSeconds,
  networkFlags,
  secretFlags,
} from './flags';
import type {
  BuilderDriver,
  ProgramBuild,
  SmokeDriver,
} from './ProgramBuilder';
import { readOciLayout } from './readOciLayout';

/** `buildah`: no daemon, and with `chroot` isolation no privileges. */
export class BuildahDriver implements BuilderDriver {
  readonly id = 'buildah';
  readonly smoke: SmokeDriver;
  readonly #settings: BuildahSettings;
  readonly #buildah: BuildahProgram;

  static create(settings: BuildahSettings): BuildahDriver {
    return new BuildahDriver(settings);
  }

  private constructor(settings: BuildahSettings) {
    this.#settings = settings;
    this.#buildah = BuildahProgram.create(settings);
    this.smoke = BuildahSmoke.create(settings, this.#buildah);
  }

  get command(): string {
    return this.#buildah.command;
  }

  async build(build: ProgramBuild): Promise<BuiltImage[]> {
    const reading = await this.#buildah.prepare(build);
    const images: BuiltImage[] = [];
    for (const platform of build.request.platforms) {
      images.push(...(await this.#buildPlatform(platform, build, reading)));
    }
    return images;
  }

  async clean(build: ProgramBuild): Promise<void> {
    await this.#buildah.clean(build);
  }

  async #buildPlatform(
    platform: string,
    build: ProgramBuild,
    reading: string[],
  ): Promise<BuiltImage[]> {
    const { workspace, request } = build;
    const name = platform.replaceAll('/', '-');
    const tag = `localhost/imglife:${name}`;
    const layout = workspace.path('layout', name);
    await this.#buildah.run(build, [
      ...['build', ...reading, '--pull', '--layers', '--format', 'oci'],
      ...['--isolation', this.#settings.isolation],
      ...networkFlags(this.#settings.network),
      ...['--timestamp', epochSeconds(request.created), '--platform', platform],
      ...argumentFlags(request.args),
      ...secretFlags(request.secrets),
      ...['-f', workspace.dockerfile, '-t', tag, workspace.context],
    ]);
    await mkdir(workspace.path('layout'), { recursive: true });
    const policy = ['--signature-policy', workspace.path('policy.json')];
    await this.#buildah.run(build, [
      ...['push', ...policy, tag, `oci:${layout}:built`],
    ]);
    return readOciLayout(layout);
  }
}
