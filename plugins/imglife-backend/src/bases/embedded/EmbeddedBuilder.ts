import { InputError } from '@backstage/errors';
import type {
  BuildAnswer,
  BuildRequest,
  BuildResult,
  ImageBuilder,
} from '@imglife/backstage-plugin-imglife-node';
import type { ParsedDockerfile } from '@imglife/dockerfile';
import { isIndex, parseRepository, type RegistryClient } from '@imglife/oci';
import { epochSeconds } from '../builders/flags';
import {
  assembleImage,
  assembleIndex,
  type BuiltImage,
  type BuiltStep,
} from './assembleImage';
import { BlobPusher } from './BlobPusher';
import { BuildSpool } from './BuildSpool';
import { contextTree } from './contextTree';
import { instructionFaults } from './instructionFaults';
import { LayerFactory } from './LayerFactory';
import type { LayerEntry } from './LayerWriter';
import { parseDockerfile } from './dockerfile';
import { PlatformBuild, type PlatformBuildOptions } from './PlatformBuild';
import { SourceImages } from './SourceImages';
import { splitStages } from './splitStages';

/** What {@link EmbeddedBuilder} works with. @public */
export interface EmbeddedBuilderOptions {
  registries: {
    /** @throws when the host may not be contacted */
    clientFor(host: string): RegistryClient;
  };
}

/** One build under way. */
interface Building {
  request: BuildRequest;
  signal: AbortSignal;
  layers: LayerFactory;
  options: Omit<PlatformBuildOptions, 'platform'>;
}

function parse(text: string): ParsedDockerfile {
  const dockerfile = parseDockerfile(text);
  const faults = instructionFaults(dockerfile);
  if (faults.length) {
    throw new InputError(faults.join('; '));
  }
  return dockerfile;
}

/** Files out of layers and archives are read archive by archive. */
async function readContents(entries: ReadonlyArray<LayerEntry>): Promise<void> {
  const archives = new Map<
    { extract(keys: ReadonlyArray<string>): Promise<void> },
    string[]
  >();
  for (const entry of entries) {
    if (entry.type === 'file' && entry.content.archive) {
      const { archive, key } = entry.content;
      archives.set(archive, [...(archives.get(archive) ?? []), key]);
    }
  }
  for (const [archive, keys] of archives) {
    await archive.extract(keys);
  }
}

/**
 * Builds without daemon and without privileges: it reads the Dockerfile,
 * writes config, manifests and new layers by itself, and mounts the mirror's
 * layers. Whatever needs a process is refused before anything is built.
 *
 * @public
 */
export class EmbeddedBuilder implements ImageBuilder {
  readonly id = 'embedded';
  readonly #registries: EmbeddedBuilderOptions['registries'];

  static create(options: EmbeddedBuilderOptions): EmbeddedBuilder {
    return new EmbeddedBuilder(options);
  }

  private constructor(options: EmbeddedBuilderOptions) {
    this.#registries = options.registries;
  }

  canBuild(dockerfile: string): BuildAnswer {
    try {
      splitStages(parse(dockerfile));
      return { ok: true };
    } catch (error) {
      if (error instanceof InputError) {
        return { ok: false, reason: error.message };
      }
      throw error;
    }
  }

  /**
   * @throws InputError - the Dockerfile cannot be built; nothing was pushed
   * @throws RegistryError - a registry failed; `target.tag` is as it was
   */
  async build(
    request: BuildRequest,
    context: { log(line: string): void; signal: AbortSignal },
  ): Promise<BuildResult> {
    const spool = BuildSpool.create();
    try {
      return await this.#build(request, context, spool);
    } finally {
      await spool.remove();
    }
  }

  async #build(
    request: BuildRequest,
    { log, signal }: { log(line: string): void; signal: AbortSignal },
    spool: BuildSpool,
  ): Promise<BuildResult> {
    const dockerfile = parse(request.dockerfile);
    const { created, from, compression } = request;
    const images = SourceImages.create({
      registries: this.#registries,
      spool,
      signal,
    });
    const building: Building = {
      request,
      signal,
      layers: LayerFactory.create({ created, spool, compression }),
      options: {
        dockerfile: splitStages(dockerfile),
        escape: dockerfile.escape,
        from,
        // as the other builders are given it
        args: {
          SOURCE_DATE_EPOCH: epochSeconds(created),
          ...request.args,
        },
        context: contextTree(request.files),
        images,
        spool,
      },
    };
    const built = await Promise.all(
      request.platforms.map(async platform => {
        const image = await this.#buildImage(platform, building);
        log(`${request.target.tag}: assembled ${platform}`);
        return image;
      }),
    );
    const mirror = await images.resolve(from);
    return this.#push(building, built, isIndex(mirror.descriptor.mediaType));
  }

  async #push(
    { request, signal, options }: Building,
    built: BuiltImage[],
    fromIndex: boolean,
  ): Promise<BuildResult> {
    const { registry, repository } = parseRepository(request.target.repository);
    const pusher = BlobPusher.create({
      source: options.images.place(request.from),
      target: { client: this.#registries.clientFor(registry), repository },
      signal,
    });
    await Promise.all(built.map(each => pusher.pushImage(each)));
    if (built.length === 1 && !fromIndex) {
      return { digest: built[0].image.manifest.descriptor.digest };
    }
    const index = assembleIndex(built, request.annotations);
    await pusher.pushManifest(index);
    return { digest: index.descriptor.digest };
  }

  async #buildImage(
    platform: string,
    { request, layers, options, signal }: Building,
  ): Promise<BuiltImage> {
    const stage = await PlatformBuild.create({ ...options, platform }).run();
    const steps: BuiltStep[] = [];
    for (const { source, entries } of stage.steps) {
      await readContents(entries ?? []);
      const layer = entries && (await layers.make(entries, signal));
      steps.push({ source, layer });
    }
    const labels = { ...stage.config.Labels, ...request.labels };
    const mirror = stage.root.image;
    const image = assembleImage(
      mirror,
      {
        config: { ...stage.config, Labels: labels },
        author: stage.author,
        steps,
      },
      {
        created: request.created.toISOString(),
        annotations: request.annotations,
      },
    );
    return { mirror, image };
  }
}
