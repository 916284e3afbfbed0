import { InputError, NotFoundError } from '@backstage/errors';
import {
  parseReference,
  resolveImage,
  type PlatformImage,
  type RegistryClient,
  type ResolvedImage,
} from '@imglife/oci';
import type { Registries } from '../../registries/Registries';
import { ArchiveFiles } from './ArchiveFiles';
import type { BuildSpool } from './BuildSpool';
import { compressionOf, decompress } from './decompress';
import { ImageTree, type LayerTree } from './ImageTree';

/** A repository at a registry. */
export interface Place {
  client: RegistryClient;
  /** path without host */
  repository: string;
}

/** One platform of an image that a build reads. */
export interface SourceImage {
  image: PlatformImage;
  place: Place;
}

/** What {@link SourceImages} works with. */
export interface SourceImagesOptions {
  registries: Pick<Registries, 'clientFor'>;
  spool: BuildSpool;
  signal: AbortSignal;
}

/** The images one build reads, each and each layer once. */
export class SourceImages {
  readonly #options: SourceImagesOptions;
  readonly #images = new Map<string, Promise<ResolvedImage>>();
  readonly #layers = new Map<string, Promise<LayerTree>>();

  static create(options: SourceImagesOptions): SourceImages {
    return new SourceImages(options);
  }

  private constructor(options: SourceImagesOptions) {
    this.#options = options;
  }

  /** Where a pinned reference leads. @throws InputError - it is no reference */
  place(reference: string): Place & { reference: string } {
    const {
      registry,
      repository,
      digest,
      tag = '',
    } = parseReference(reference);
    const client = this.#options.registries.clientFor(registry);
    return { client, repository, reference: digest ?? tag };
  }

  /** Reads manifests and configs. */
  async resolve(reference: string): Promise<ResolvedImage> {
    const { signal } = this.#options;
    const known =
      this.#images.get(reference) ??
      resolveImage(this.place(reference), { signal });
    this.#images.set(reference, known);
    return known;
  }

  /**
   * @throws NotFoundError - the image has no such platform
   * @throws InputError - it is for another system than Linux
   */
  async find(reference: string, platform: string): Promise<SourceImage> {
    const { images } = await this.resolve(reference);
    const image = images.find(each => each.platform === platform);
    if (!image) {
      throw new NotFoundError(`${reference} has no platform ${platform}`);
    }
    if (image.config.os !== 'linux') {
      throw new InputError(
        `${reference} is for ${platform}; the embedded builder builds for linux`,
      );
    }
    return { image, place: this.place(reference) };
  }

  /** The files of an image. */
  async readTree({ image, place }: SourceImage): Promise<ImageTree> {
    const layers = image.manifest.layers.map(({ digest, mediaType, size }) => {
      const known =
        this.#layers.get(digest) ??
        this.#readLayer(place, { digest, mediaType, size });
      this.#layers.set(digest, known);
      return known;
    });
    const tree = ImageTree.create();
    for (const layer of await Promise.all(layers)) {
      tree.apply(layer);
    }
    return tree;
  }

  async #readLayer(
    { client, repository }: Place,
    layer: { digest: string; mediaType: string; size: number },
  ): Promise<LayerTree> {
    const { signal, spool } = this.#options;
    const files = ArchiveFiles.create({
      key: layer.digest,
      spool,
      open: async () =>
        decompress(
          await client.getBlob(repository, layer, { signal }),
          compressionOf(layer.mediaType),
        ),
    });
    return files.list();
  }
}
