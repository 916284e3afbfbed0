import { mkdir, rename } from 'node:fs/promises';
import type { BuildkitSettings } from '../../definitions/Definitions';
import type { BuiltImage } from './BuiltImage';
import { epochSeconds, secretFlags } from './flags';
import type { BuilderDriver, ProgramBuild } from './ProgramBuilder';
import { readOciLayout } from './readOciLayout';
import { unpackArchive } from './unpackArchive';

/**
 * Any `buildkitd`, by `buildctl`: all platforms in one build. Registries that
 * are reached by plain HTTP or with a private authority are configured at the
 * daemon.
 */
export class BuildkitDriver implements BuilderDriver {
  readonly id = 'buildkit';
  readonly #settings: BuildkitSettings;

  static create(settings: BuildkitSettings): BuildkitDriver {
    return new BuildkitDriver(settings);
  }

  private constructor(settings: BuildkitSettings) {
    this.#settings = settings;
  }

  get command(): string {
    return this.#settings.command;
  }

  async build(build: ProgramBuild): Promise<BuiltImage[]> {
    const { request, workspace } = build;
    const { address, network, tls } = this.#settings;
    const archive = workspace.path('image.tar');
    const folder = workspace.path('dockerfile');
    await mkdir(folder);
    await rename(workspace.dockerfile, `${folder}/Dockerfile`);
    await build.run(
      this.command,
      [
        ...(address === undefined ? [] : ['--addr', address]),
        ...(tls ? tlsFlags(tls) : []),
        ...['build', '--progress', 'plain', '--frontend', 'dockerfile.v0'],
        ...['--local', `context=${workspace.context}`],
        ...['--local', `dockerfile=${folder}`],
        ...['--opt', `platform=${request.platforms.join(',')}`],
        ...['--opt', 'image-resolve-mode=pull'],
        ...(network === 'default'
          ? []
          : ['--opt', `force-network-mode=${network}`]),
        ...buildArguments(build),
        ...secretFlags(request.secrets),
        ...this.#cacheFlags(request.target),
        '--output',
        `type=oci,dest=${archive},oci-mediatypes=true,rewrite-timestamp=true`,
      ],
      { DOCKER_CONFIG: workspace.folder },
    );
    const layout = workspace.path('layout');
    await unpackArchive(archive, layout);
    return readOciLayout(layout);
  }

  /** Layers are kept between builds in a repository of their own. */
  #cacheFlags({ repository }: { repository: string }): string[] {
    const { cache } = this.#settings;
    if (cache === undefined) {
      return [];
    }
    const name = repository.slice(repository.indexOf('/') + 1);
    const reference = `type=registry,ref=${cache}/${name}:buildcache`;
    return [
      ...['--import-cache', reference],
      ...['--export-cache', `${reference},mode=max`],
    ];
  }
}

function buildArguments({ request }: ProgramBuild): string[] {
  const args = {
    SOURCE_DATE_EPOCH: epochSeconds(request.created),
    ...request.args,
  };
  return Object.entries(args).flatMap(([name, value]) => [
    '--opt',
    `build-arg:${name}=${value}`,
  ]);
}

function tlsFlags(tls: NonNullable<BuildkitSettings['tls']>): string[] {
  return [
    ...(tls.caFile === undefined ? [] : ['--tlscacert', tls.caFile]),
    ...(tls.certFile === undefined ? [] : ['--tlscert', tls.certFile]),
    ...(tls.keyFile === undefined ? [] : ['--tlskey', tls.keyFile]),
  ];
}
