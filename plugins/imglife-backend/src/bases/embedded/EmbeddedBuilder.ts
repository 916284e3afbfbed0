import type { ParsedDockerfile } from '@imglife/dockerfile';
import { InputError, NotFoundError } from '@backstage/errors';
import type {
  BuildAnswer,
  BuildRequest,
  BuildResult,
  ImageBuilder,
} from '@imglife/backstage-plugin-imglife-node';
import {
  isIndex,
  parseReference,
  parseRepository,
  resolveImage,
  type PlatformImage,
  type ResolvedImage,
} from '@imglife/oci';
import type { Registries } from '../../registries/Registries';
import {
  assembleImage,
  assembleIndex,
  type AssembledImage,
  type BuiltStep,
} from './assembleImage';
import { BlobPusher, type Place } from './BlobPusher';
import { ImageTree } from './ImageTree';
import { parseDockerfile } from './dockerfile';
import { instructionFaults } from './instructionFaults';
import { createLayer } from './layer';
import { readLayerTree } from './readLayerTree';
import { Stage } from './Stage';

interface BuiltImage {
  mirror: PlatformImage;
  image: AssembledImage;
}

function refuse(dockerfile: ParsedDockerfile): void {
  const faults = instructionFaults(dockerfile);
  if (faults.length) {
    throw new InputError(faults.join('; '));
  }
}

function imagesOf(
  mirror: ResolvedImage,
  request: BuildRequest,
): PlatformImage[] {
  return request.platforms.map(platform => {
    const image = mirror.images.find(each => each.platform === platform);
    if (!image) {
      throw new NotFoundError(`${request.from} has no platform ${platform}`);
    }
    if (image.config.os !== 'linux') {
      throw new InputError(
        `${request.from} is for ${platform}; the embedded builder builds for linux`,
      );
    }
    const triggers = image.config.config?.OnBuild;
    if (Array.isArray(triggers) && triggers.length) {
      throw new InputError(
        `${request.from} has ONBUILD instructions, which the embedded builder does not know; buildah, docker and buildkit do: add one through the imglife.builders extension point`,
      );
    }
    return image;
  });
}

/**
 * Builds without daemon and without privileges: it reads the Dockerfile,
 * writes config, manifests and new layers by itself, and mounts the mirror's
 * layers. Whatever needs a process is refused before anything is built.
 */
export class EmbeddedBuilder implements ImageBuilder {
  readonly id = 'embedded';
  readonly #registries: Pick<Registries, 'clientFor'>;

  static create(options: {
    registries: Pick<Registries, 'clientFor'>;
  }): EmbeddedBuilder {
    return new EmbeddedBuilder(options.registries);
  }

  private constructor(registries: Pick<Registries, 'clientFor'>) {
    this.#registries = registries;
  }

  canBuild(dockerfile: string): BuildAnswer {
    try {
      refuse(parseDockerfile(dockerfile));
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
    const { signal } = context;
    const dockerfile = parseDockerfile(request.dockerfile);
    refuse(dockerfile);
    const from = parseReference(request.from);
    const source = this.#place(from);
    const target = this.#place(parseRepository(request.target.repository));
    const reference = from.digest ?? from.tag ?? '';
    const mirror = await resolveImage({ ...source, reference }, { signal });
    const built: BuiltImage[] = [];
    for (const image of imagesOf(mirror, request)) {
      const options = { source, signal };
      built.push({
        mirror: image,
        image: await this.#buildImage(image, dockerfile, request, options),
      });
      context.log(`${request.target.tag}: assembled ${image.platform}`);
    }
    const pusher = BlobPusher.create({ source, target, signal });
    for (const each of built) {
      await pusher.pushImage(each.mirror, each.image);
    }
    if (built.length === 1 && !isIndex(mirror.descriptor.mediaType)) {
      return { digest: built[0].image.manifest.descriptor.digest };
    }
    const index = assembleIndex(built, request.annotations);
    await pusher.pushManifest(index);
    return { digest: index.descriptor.digest };
  }

  #place(name: { registry: string; repository: string }): Place {
    return {
      client: this.#registries.clientFor(name.registry),
      repository: name.repository,
    };
  }

  async #buildImage(
    mirror: PlatformImage,
    dockerfile: ParsedDockerfile,
    request: BuildRequest,
    reading: { source: Place; signal: AbortSignal },
  ): Promise<AssembledImage> {
    const stage = Stage.create({
      escape: dockerfile.escape,
      from: request.from,
      platform: mirror.platform,
      args: request.args,
      files: request.files,
      config: mirror.config.config ?? {},
      readTree: () => this.#readTree(mirror, reading),
    });
    for (const instruction of dockerfile.instructions) {
      await stage.run(instruction);
    }
    const steps: BuiltStep[] = [];
    for (const { source, entries } of stage.steps) {
      const layer = entries && (await createLayer(entries, request.created));
      steps.push({ source, layer });
    }
    const labels = { ...stage.config.Labels, ...request.labels };
    return assembleImage(
      mirror,
      { config: { ...stage.config, Labels: labels }, steps },
      {
        created: request.created.toISOString(),
        annotations: request.annotations,
      },
    );
  }

  async #readTree(
    mirror: PlatformImage,
    reading: { source: Place; signal: AbortSignal },
  ): Promise<ImageTree> {
    const { source, signal } = reading;
    const tree = ImageTree.create();
    for (const layer of mirror.manifest.layers) {
      const blob = await source.client.getBlob(source.repository, layer, {
        signal,
      });
      tree.apply(await readLayerTree(blob, layer.mediaType));
    }
    return tree;
  }
}
