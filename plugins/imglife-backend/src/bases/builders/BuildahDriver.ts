import { mkdir, readFile } from 'node:fs/promises';
import type { BuildahSettings } from '../../definitions/Definitions';
import type { BuiltImage } from './BuiltImage';
import {
  argumentFlags,
  epochSeconds,
  networkFlags,
  secretFlags,
} from './flags';
import type { BuilderDriver, ProgramBuild } from './ProgramBuilder';
import { readOciLayout } from './readOciLayout';

/**
 * `buildah`: no daemon, and with `chroot` isolation no privileges. Each build
 * has a storage of its own, so that builds at the same time do not meet.
 */
export class BuildahDriver implements BuilderDriver {
  readonly id = 'buildah';
  readonly #settings: BuildahSettings;

  static create(settings: BuildahSettings): BuildahDriver {
    return new BuildahDriver(settings);
  }

  private constructor(settings: BuildahSettings) {
    this.#settings = settings;
  }

  get command(): string {
    return this.#settings.command;
  }

  async build(build: ProgramBuild): Promise<BuiltImage[]> {
    const { workspace, registries, request } = build;
    await workspace.write(
      'policy.json',
      JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }),
    );
    const insecure = registries.filter(registry => registry.insecure);
    await workspace.write(
      'registries.conf',
      insecure
        .map(
          ({ host }) => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`,
        )
        .join('\n'),
    );
    const images: BuiltImage[] = [];
    for (const platform of request.platforms) {
      images.push(...(await this.#buildPlatform(platform, build)));
    }
    return images;
  }

  /** Files of a rootless build belong to other users: buildah removes them. */
  async clean(build: ProgramBuild): Promise<void> {
    if (process.getuid?.() !== 0) {
      const storage = build.workspace.path('storage');
      await build.run(this.command, ['unshare', 'rm', '-rf', storage]);
    }
  }

  async #buildPlatform(
    platform: string,
    build: ProgramBuild,
  ): Promise<BuiltImage[]> {
    const { workspace, request, registries } = build;
    const name = platform.replaceAll('/', '-');
    const tag = `localhost/imglife:${name}`;
    const policy = ['--signature-policy', workspace.path('policy.json')];
    const layout = workspace.path('layout', name);
    const authorities = registries.flatMap(({ caFile }) => caFile ?? []);
    await this.#run(build, [
      ...['build', ...policy, '--pull', '--layers', '--format', 'oci'],
      ...['--isolation', this.#settings.isolation],
      ...networkFlags(this.#settings.network),
      ...['--timestamp', epochSeconds(request.created), '--platform', platform],
      ...(authorities.length
        ? ['--cert-dir', await copyAuthorities(build, authorities)]
        : []),
      ...argumentFlags(request.args),
      ...secretFlags(request.secrets),
      ...['-f', workspace.dockerfile, '-t', tag, workspace.context],
    ]);
    await mkdir(workspace.path('layout'), { recursive: true });
    await this.#run(build, ['push', ...policy, tag, `oci:${layout}:built`]);
    return readOciLayout(layout);
  }

  async #run(build: ProgramBuild, args: string[]): Promise<void> {
    const { workspace } = build;
    await build.run(
      this.command,
      [
        ...['--root', workspace.path('storage')],
        ...['--runroot', workspace.path('run')],
        ...['--storage-driver', this.#settings.storageDriver],
        ...args,
      ],
      {
        REGISTRY_AUTH_FILE: workspace.path('config.json'),
        CONTAINERS_REGISTRIES_CONF: workspace.path('registries.conf'),
      },
    );
  }
}

/** `--cert-dir` takes a folder, and every `.crt` of it as an authority. */
async function copyAuthorities(
  { workspace }: ProgramBuild,
  caFiles: ReadonlyArray<string>,
): Promise<string> {
  for (const [index, file] of caFiles.entries()) {
    await workspace.write(`certs/${index}.crt`, await readFile(file, 'utf8'));
  }
  return workspace.path('certs');
}
