import { createReadStream } from 'node:fs';
import { InputError } from '@backstage/errors';
import type { BuildRequest } from '@imglife/backstage-plugin-imglife-node';
import {
  formatPlatform,
  isIndex,
  MediaTypes,
  parseReference,
  parseRepository,
  resolveImage,
  type ImageManifest,
  type PlatformImage,
} from '@imglife/oci';
import type { Registries } from '../../registries/Registries';
import {
  assembleIndex,
  jsonContent,
  ociLayer,
  withoutStale,
  type Content,
} from '../embedded/assembleImage';
import { BlobPusher } from '../embedded/BlobPusher';
import type { Place } from '../embedded/SourceImages';
import type { BuiltImage } from './BuiltImage';
import { compressLayer } from './compressLayer';

/** What {@link BuiltImagePusher} works with. */
export interface BuiltImagePusherOptions {
  registries: Pick<Registries, 'clientFor'>;
  request: BuildRequest;
  signal: AbortSignal;
}

/**
 * Brings to the registry what a program has built: the mirror's own layers,
 * mounted and never compressed again, then the new ones; labels and
 * annotations as asked for, whatever the program can set.
 */
export class BuiltImagePusher {
  readonly #options: BuiltImagePusherOptions;

  static create(options: BuiltImagePusherOptions): BuiltImagePusher {
    return new BuiltImagePusher(options);
  }

  private constructor(options: BuiltImagePusherOptions) {
    this.#options = options;
  }

  /**
   * @returns digest of the index, or of the only manifest
   * @throws InputError - a platform is missing, or its image does not stand on
   *   the mirror's layers; nothing was pushed
   */
  async push(built: BuiltImage[]): Promise<string> {
    const { request, signal } = this.#options;
    const from = parseReference(request.from);
    const source = this.#place(from);
    const target = this.#place(parseRepository(request.target.repository));
    const reference = from.digest ?? from.tag ?? '';
    const mirror = await resolveImage({ ...source, reference }, { signal });
    const pairs = request.platforms.map(platform =>
      this.#pair(platform, mirror.images, built),
    );
    const pusher = BlobPusher.create({ source, target, signal });
    const pushed: Array<{
      mirror: PlatformImage;
      image: { manifest: Content };
    }> = [];
    for (const pair of pairs) {
      const manifest = await this.#pushImage(pusher, pair);
      pushed.push({ mirror: pair.mirror, image: { manifest } });
    }
    if (pushed.length === 1 && !isIndex(mirror.descriptor.mediaType)) {
      return pushed[0].image.manifest.descriptor.digest;
    }
    const index = assembleIndex(pushed, request.annotations);
    await pusher.pushManifest(index);
    return index.descriptor.digest;
  }

  #pair(
    platform: string,
    mirrors: PlatformImage[],
    built: BuiltImage[],
  ): { mirror: PlatformImage; image: BuiltImage } {
    const { from } = this.#options.request;
    const mirror = mirrors.find(each => each.platform === platform);
    const image = built.find(each => formatPlatform(each.config) === platform);
    if (!mirror || !image) {
      throw new InputError(
        `${
          mirror ? 'The builder made no image' : `${from} has none`
        } for ${platform}`,
      );
    }
    const isBelow = mirror.diffIds.every(
      (diffId, index) => image.layers[index]?.diffId === diffId,
    );
    if (!isBelow) {
      throw new InputError(
        `The image built for ${platform} does not stand on the layers of ${from}: its last stage must be FROM it`,
      );
    }
    return { mirror, image };
  }

  /** Pushes the image of one platform, by digest only. */
  async #pushImage(
    pusher: BlobPusher,
    { mirror, image }: { mirror: PlatformImage; image: BuiltImage },
  ): Promise<Content> {
    const { request, signal } = this.#options;
    await pusher.bringLayers(mirror.manifest.layers);
    const layers = mirror.manifest.layers.map(ociLayer);
    for (const layer of image.layers.slice(mirror.diffIds.length)) {
      const { file, descriptor } = await compressLayer(
        layer,
        request.compression ?? 'gzip',
        signal,
      );
      await pusher.pushBlob(descriptor, () => createReadStream(file));
      layers.push(descriptor);
    }
    const config = jsonContent(MediaTypes.ociConfig, {
      ...withoutStale(image.config),
      created: request.created.toISOString(),
      config: {
        ...image.config.config,
        Labels: { ...image.config.config?.Labels, ...request.labels },
      },
    });
    await pusher.pushBlob(config.descriptor, () => config.bytes);
    const manifest: ImageManifest = {
      schemaVersion: 2,
      mediaType: MediaTypes.ociManifest,
      config: config.descriptor,
      layers,
      annotations: { ...request.annotations },
    };
    const content = jsonContent(MediaTypes.ociManifest, manifest);
    await pusher.pushManifest(content);
    return content;
  }

  #place(name: { registry: string; repository: string }): Place {
    return {
      client: this.#options.registries.clientFor(name.registry),
      repository: name.repository,
    };
  }
}
